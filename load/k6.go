package load

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"

	"wsx/client/dial"
	"wsx/load/report"
)

//go:embed k6.js
var k6Script string

// K6 is what a script for k6 needs to know beside the options of a run.
type K6 struct {
	Options
	Dial       dial.Options
	Text       string // of the message, a template or not; "" = Message's size says all
	Match      string // jq, by which answers are paired; only a path like .id can be said in JavaScript
	Objectives []report.Objective
}

// k6Values are what the script is made with.
type k6Values struct {
	Scenario                   string
	URL, Headers, Subprotocols string // JavaScript
	Connections, Senders       int
	Rate                       float64
	Warmup, Duration, Ramp     int64 // ms
	Limit                      string
	Message, Match             string // JavaScript
	Binary, Insecure, Keyed    bool
	Thresholds                 string // JavaScript
	VUs                        int
}

// WriteK6 writes a script that loads a server with k6 as a run would. It fails with a *dial.UsageError where k6 cannot do
// what is asked.
func WriteK6(w io.Writer, k K6) error {
	k.Options = k.Options.withDefaults()
	if k.Dial.HTTP != dial.HTTP1 {
		return &dial.UsageError{Message: "k6 speaks WebSocket over HTTP/1.1 only"}
	}
	message, err := k.javaScript()
	if err != nil {
		return err
	}
	match, err := k.path()
	if err != nil {
		return err
	}
	values := k6Values{
		Scenario: k.Scenario, URL: literal(k6URL(k.URL)), Headers: k.headers(), Subprotocols: literal(append([]string{}, k.Dial.Subprotocols...)),
		Connections: k.Connections, Senders: k.Senders, Rate: k.Rate,
		Warmup: k.Warmup.Milliseconds(), Duration: k.Duration.Milliseconds(), Ramp: k.Ramp.Milliseconds(),
		Limit:   strconv.FormatInt((k.Ramp+k.Warmup+k.Duration+settle+10*time.Second).Milliseconds(), 10) + "ms",
		Message: message, Match: match, Keyed: match != "null", Binary: k.Message.binary, Insecure: k.Dial.Insecure,
		Thresholds: k.thresholds(), VUs: k.Connections,
	}
	if k.Scenario == "fanout" {
		values.VUs += k.Senders
	}
	return template.Must(template.New("k6").Parse(k6Script)).Execute(w, values)
}

// k6URL writes a URL as k6 wants it: with a scheme of WebSocket.
func k6URL(url string) string {
	target, err := dial.ParseURL(url)
	if err != nil {
		return url // the caller has checked it
	}
	return target.String()
}

// literal writes strings, lists and maps of them as JavaScript.
func literal(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.Encode(value) // these can always be encoded
	return strings.TrimSuffix(text.String(), "\n")
}

// headers are the lines that the handshake adds, as an object.
func (k K6) headers() string {
	headers := map[string]string{}
	for _, line := range k.Dial.Header {
		headers[line.Name] = line.Value
	}
	for name, value := range map[string]string{
		"Origin": k.Dial.Origin, "Host": k.Dial.Host, "User-Agent": k.Dial.UserAgent, "Cookie": strings.Join(k.Dial.Cookies, "; "),
	} {
		if value != "" {
			headers[name] = value
		}
	}
	switch {
	case k.Dial.Bearer != "":
		headers["Authorization"] = "Bearer " + k.Dial.Bearer
	case k.Dial.User != "":
		headers["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(k.Dial.User))
	}
	return literal(headers)
}

var (
	templateField = regexp.MustCompile(`\{\{\s*\.(Conn|Seq|Mark)\s*\}\}`)
	jqPath        = regexp.MustCompile(`^(\.[A-Za-z_][A-Za-z0-9_]*)+$`)
)

// javaScript is the message as an expression.
func (k K6) javaScript() (string, error) {
	if k.Text == "" {
		if k.Message.marked {
			return "mark + " + literal(string(k.Message.fixed[MarkSize:])), nil
		}
		return literal(string(k.Message.fixed)), nil
	}
	var parts []string
	rest := k.Text
	for {
		at := templateField.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		parts = append(parts, literal(rest[:at[0]]), map[string]string{"Conn": "conn", "Seq": "seq", "Mark": "mark"}[rest[at[2]:at[3]]])
		rest = rest[at[1]:]
	}
	if strings.Contains(rest, "{{") {
		return "", &dial.UsageError{Message: "a script for k6 can have {{.Conn}}, {{.Seq}} and {{.Mark}} in its message, and no other template"}
	}
	return strings.Join(append(parts, literal(rest)), " + "), nil
}

// path is what finds the key of a message, as a function.
func (k K6) path() (string, error) {
	switch {
	case k.Match == "":
		return "null", nil
	case !jqPath.MatchString(k.Match):
		return "", &dial.UsageError{Message: fmt.Sprintf("the match expression %q cannot be written for k6: only a path like .id can", k.Match)}
	}
	return "(message) => JSON.parse(message)" + strings.ReplaceAll(k.Match, ".", "?."), nil
}

// thresholds are the objectives as k6 has them.
func (k K6) thresholds() string {
	thresholds := map[string][]string{}
	for _, o := range k.Objectives {
		if percentile, limit, ok := o.Milliseconds(); ok {
			thresholds["ws_latency"] = append(thresholds["ws_latency"], fmt.Sprintf("p(%s)<%v", percentile, limit))
		} else if share, ok := o.ErrorShare(); ok {
			thresholds["ws_errors"] = append(thresholds["ws_errors"], fmt.Sprintf("rate<%v", share))
		}
	}
	return literal(thresholds)
}

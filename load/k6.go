package load

import (
	"crypto/tls"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode"

	"wsx/client/dial"
	"wsx/load/report"
)

//go:embed k6.js
var k6Script string

// K6 has the options of a run and what else a script for k6 needs.
type K6 struct {
	Options
	Dial       dial.Options
	Text       string // of the message or its template; "" = generated, of the size of Message
	Match      string // jq program that pairs replies; only a path such as .id can be written in JavaScript
	Objectives []report.Objective
	Secrets    bool // write credentials into the script; otherwise it reads them from the environment
}

// k6Values are the values for the template of the script.
type k6Values struct {
	Scenario                   string
	URL, Headers, Subprotocols string // JavaScript
	Connections, Senders       int
	Rate                       float64
	Warmup, Duration, Ramp     int64 // ms
	Limit                      string
	Message, Match             string // JavaScript
	Binary, Insecure, Keyed    bool
	Compress                   bool
	Thresholds                 string // JavaScript
	VUs                        int
}

// WriteK6 writes a script for k6 that loads a server as the run would. The error is a *dial.UsageError for an option that k6
// does not support.
func WriteK6(w io.Writer, k K6) error {
	k.Options = k.Options.withDefaults()
	if err := k.checkSupported(); err != nil {
		return err
	}
	thresholds, err := k.thresholds()
	if err != nil {
		return err
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
		Scenario: k.Scenario, URL: literal(k.url()), Headers: k.headers(), Subprotocols: k.subprotocols(),
		Connections: k.Connections, Senders: k.Senders, Rate: k.Rate,
		Warmup: k.Warmup.Milliseconds(), Duration: k.Duration.Milliseconds(), Ramp: k.Ramp.Milliseconds(),
		Limit:   strconv.FormatInt((k.Ramp+k.Warmup+k.Duration+replyTimeout+10*time.Second).Milliseconds(), 10) + "ms",
		Message: message, Match: match, Keyed: match != "null", Binary: k.Message.binary, Insecure: k.Dial.Insecure,
		Compress: !k.Dial.NoCompress, Thresholds: thresholds, VUs: k.Connections,
	}
	if k.Scenario == "fanout" {
		values.VUs += k.Senders
	}
	return template.Must(template.New("k6").Parse(k6Script)).Execute(w, values)
}

// checkSupported returns an error for options that k6 does not support: a script without them would measure something else.
func (k K6) checkSupported() error {
	target, err := dial.ParseURL(k.URL)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	repeated, removed := false, false
	for _, line := range k.Dial.Header {
		name := http.CanonicalHeaderKey(line.Name)
		repeated, removed = repeated || names[name], removed || line.Remove
		names[name] = true
	}
	d := k.Dial
	for _, row := range []struct {
		isSet bool
		what  string
	}{
		{d.HTTP != dial.HTTP1, "WebSocket over HTTP/2 or HTTP/3"},
		{target.Unix != "" || d.UnixSocket != "", "unix sockets"},
		{d.Source != "", "source addresses"},
		{d.Proxy != "" && d.Proxy != "none", "a proxy in the script: k6 takes HTTPS_PROXY from the environment"},
		{len(d.Resolve)+len(d.ConnectTo) > 0 || d.IPv4Only || d.IPv6Only, "another address than the one of the host"},
		{len(d.CAFiles) > 0, "CA certificates in the script: k6 takes SSL_CERT_FILE from the environment"},
		{d.CertFile != "", "client certificates in the script"},
		{d.ServerName != "" || d.MinVersion > tls.VersionTLS12 || len(d.PinSHA256) > 0, "another TLS name, version or pin"},
		{d.FollowRedirects, "redirects of the opening handshake"},
		{d.Netrc != "", "a .netrc"},
		{d.User != "" && !strings.Contains(d.User, ":"), "a prompt for a password: give the password"},
		{repeated, "a header twice"},
		{removed, "the removal of a header"},
		{k.Verb != nil || len(k.Opening) > 0, "application protocols"},
		{k.Scenario == "connect" && k.Rate > 0, "connections at a rate"},
		{k.Scenario == "fanout" && k.Rate == 0, "fanout in the closed model: give a rate"},
		{k.Scenario == "receive" && k.Match != "", "checks for missing numbers"},
		{k.Message.text != nil && k.Message.binary && !isASCII(k.Text), "a template of binary messages with characters outside ASCII"},
	} {
		if row.isSet {
			return &dial.UsageError{Message: "a k6 script cannot have " + row.what}
		}
	}
	return nil
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}

// latin1 returns a text with one character per byte, which the script converts to bytes.
func latin1(b []byte) string {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// fixed returns the literal of a text without fields.
func (k K6) fixed(text []byte) string {
	if k.Message.binary {
		return literal(latin1(text))
	}
	return literal(string(text))
}

// url returns the URL with a scheme of WebSocket, as k6 requires.
func (k K6) url() string {
	target, err := dial.ParseURL(k.URL)
	switch {
	case err != nil:
		return dial.RedactURL(k.URL) // the caller has checked it
	case k.Secrets:
		return target.String()
	}
	return dial.RedactURL(target.String())
}

// subprotocols returns the list as an expression: if one is secret, it comes from the environment.
func (k K6) subprotocols() string {
	names := strings.Join(k.Dial.Subprotocols, ",")
	if shown := k.header("Sec-WebSocket-Protocol", names); shown != literal(names) {
		return "(" + shown + ").split(',')"
	}
	return literal(append([]string{}, k.Dial.Subprotocols...))
}

// header returns the value of a header as an expression: a secret one comes from the environment.
func (k K6) header(name, value string) string {
	shown := dial.RedactHeader(name, value)
	if k.Secrets || shown == value {
		return literal(value)
	}
	variable := "WSX_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	return "__ENV[" + literal(variable) + "] || " + literal(shown)
}

// literal returns a string, or a list or map of strings, as JavaScript.
func literal(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.Encode(value) // these can always be encoded
	return strings.TrimSuffix(text.String(), "\n")
}

// headers returns the headers of the opening handshake as a JavaScript object.
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
		headers["Authorization"] = basicAuth(k.Dial.User)
	}
	if target, err := dial.ParseURL(k.URL); err == nil && target.User != nil && headers["Authorization"] == "" {
		password, _ := target.User.Password()
		headers["Authorization"] = basicAuth(target.User.Username() + ":" + password)
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		lines = append(lines, literal(name)+":"+k.header(name, headers[name]))
	}
	return "{" + strings.Join(lines, ",") + "}"
}

func basicAuth(user string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user))
}

var (
	templateField = regexp.MustCompile(`\{\{\s*\.(Conn|Seq|Mark)\s*\}\}`)
	jqPath        = regexp.MustCompile(`^(\.[A-Za-z_][A-Za-z0-9_]*)+$`)
)

// javaScript returns the message as an expression.
func (k K6) javaScript() (string, error) {
	if k.Message.marked {
		return "mark + " + k.fixed(k.Message.fixed[MarkSize:]), nil
	}
	if k.Message.text == nil {
		return k.fixed(k.Message.fixed), nil
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
		return "", &dial.UsageError{Message: "a k6 script supports {{.Conn}}, {{.Seq}} and {{.Mark}} in its message, and no other template"}
	}
	return strings.Join(append(parts, literal(rest)), " + "), nil
}

// path returns the JavaScript function that returns the key of a message.
func (k K6) path() (string, error) {
	switch {
	case k.Match == "":
		return "null", nil
	case !jqPath.MatchString(k.Match):
		return "", &dial.UsageError{Message: fmt.Sprintf("the match expression %q cannot be written for k6: only a path like .id can", k.Match)}
	}
	return "(message) => JSON.parse(message)" + strings.ReplaceAll(k.Match, ".", "?."), nil
}

// thresholds returns the objectives as thresholds of k6.
func (k K6) thresholds() (string, error) {
	thresholds := map[string][]string{}
	for _, o := range k.Objectives {
		metric, condition, ok := o.Threshold()
		if !ok {
			return "", &dial.UsageError{Message: fmt.Sprintf("a k6 script cannot have the objective %s: only percentiles, max, and errors in percent", o.Text)}
		}
		name := map[string]string{"latency": "ws_latency", "errors": "ws_errors"}[metric]
		thresholds[name] = append(thresholds[name], condition)
	}
	return literal(thresholds), nil
}

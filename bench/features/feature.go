//go:build linux || darwin

package main

// programs are the columns of the table, and how each is installed.
var programs = []struct{ name, title, install string }{
	{"wsx", "wsx", "go install ./cmd/wsx"},
	{"wscat", "wscat", "npm install -g wscat@6"},
	{"websocat", "websocat", "cargo install websocat"},
	{"curl", "curl", "apt install curl"},
	{"k6", "k6", "go install go.k6.io/k6@v1.8.1"},
	{"wstest", "Autobahn", "go run ./bench/autobahn installs it as ~/.cache/wsx/autobahn-*/bin/wstest"},
}

// feature is a row of the table.
type feature struct {
	name   string
	trials map[string]trial // by program; a program without a trial is not known to have the feature
}

// trial is a command of sh that shows a feature. $HOST is a server, $SECURE the URL of one with TLS, HTTP/2 and HTTP/3; $PROXY and
// $SOCKS connect to $HOST whatever address is requested; nothing listens at $CLOSED and on the port $FREE.
type trial struct {
	command  string
	keys     string                   // typed at a terminal, separated by spaces; "" = no terminal, standard input is empty
	want     string                   // a regular expression for the output, in which . is any byte; "" = exit code 0 is enough
	observed func(*observations) bool // reports whether the server has received what it must; nil = not checked
	absent   bool                     // the command must fail: the program does not have the feature
}

func features() []feature {
	return []feature{
		{"a prompt with line editing", map[string]trial{
			"wsx":      {command: "wsx ws://$HOST/echo", keys: "ab \x1b[D X \r", observed: edited},
			"wscat":    {command: "wscat -c ws://$HOST/echo", keys: "ab \x1b[D X \r", observed: edited},
			"websocat": {command: "websocat ws://$HOST/echo", keys: "ab \x1b[D X \r", observed: edited, absent: true},
		}},
		{"pipes lines in and answers out, loses none", map[string]trial{
			"wsx":      {command: `printf 'a\nb\n' | wsx ws://$HOST/echo`, want: `^a\nb\n$`},
			"wscat":    {command: `printf 'a\nb\n' | timeout 5 wscat -c ws://$HOST/echo`, want: `^a\nb\n$`, absent: true},
			"websocat": {command: `printf 'a\nb\n' | websocat ws://$HOST/echo`, want: `^a\nb\n$`},
		}},
		{"100 kB of arbitrary bytes, both ways", map[string]trial{
			"wsx":      {command: "head -c 100000 /dev/urandom >sent; wsx --stream ws://$HOST/echo <sent | cmp - sent"},
			"websocat": {command: "head -c 100000 /dev/urandom >sent; (cat sent; sleep 1) | websocat -b ws://$HOST/echo | cmp - sent"},
		}},
		{"an exit code for each kind of failure", map[string]trial{
			"wsx":      {command: exitCodes("wsx"), want: `^3\n$`},
			"wscat":    {command: exitCodes("timeout 5 wscat -c"), want: `^3\n$`, absent: true},
			"websocat": {command: exitCodes("timeout 5 websocat"), want: `^3\n$`, absent: true},
			"curl":     {command: exitCodes("timeout 5 curl"), want: `^3\n$`, absent: true},
		}},
		{"fails if an answer does not arrive", map[string]trial{
			"wsx": {command: "wsx -x hello --until hello ws://$HOST/echo && ! wsx -x hello --until goodbye -w 1 ws://$HOST/echo"},
			"k6":  {command: k6Echo("{}", "hello") + "&& ! (" + k6Echo("{}", "goodbye") + ")"},
		}},
		{"jq, MessagePack, CBOR, protobuf", map[string]trial{
			"wsx": {command: `wsx -q --encode msgpack --decode msgpack --jq .a -x '{"a":7}' -1 ws://$HOST/echo`, want: `^7\n$`},
		}},
		{"permessage-deflate", map[string]trial{
			"wsx":      {command: "wsx -x hello -1 ws://$HOST/echo", observed: (*observations).deflate},
			"wscat":    {command: "sleep 5 | wscat -c ws://$HOST/echo -x hello -w 1", observed: (*observations).deflate},
			"websocat": {command: "echo hello | websocat -n1 ws://$HOST/echo", observed: (*observations).deflate, absent: true},
			"k6":       {command: k6Echo("{ compression: 'deflate' }", "hello"), observed: (*observations).deflate},
			"wstest":   {command: fuzz("12.1.1"), observed: (*observations).deflate},
		}},
		{"HTTP/2 and HTTP/3", map[string]trial{
			"wsx": {command: "wsx -q -k --http2 -x hello -1 $SECURE && wsx -q -k --http3 -x hello -1 $SECURE", want: `^hello\nhello\n$`},
		}},
		{"an HTTP proxy", map[string]trial{
			"wsx":   {command: "wsx --proxy http://$PROXY -x hello -1 ws://elsewhere.example/echo", observed: (*observations).proxied},
			"wscat": {command: "sleep 5 | wscat --proxy http://$PROXY -c ws://elsewhere.example/echo -x hello -w 1", observed: (*observations).proxied},
			"curl":  {command: "curl -p -x http://$PROXY " + curlUpgrade + " http://elsewhere.example/echo; true", want: "101", observed: (*observations).proxied},
			"k6":    {command: "export HTTP_PROXY=http://$PROXY HOST=elsewhere.example\n" + k6Echo("{}", "hello"), observed: (*observations).proxied},
		}},
		{"a SOCKS5 proxy", map[string]trial{
			"wsx":      {command: "wsx --proxy socks5h://$SOCKS -x hello -1 ws://elsewhere.example/echo", observed: (*observations).socks},
			"websocat": {command: "echo hello | websocat -n1 --socks5 $SOCKS ws://elsewhere.example/echo", want: "hello", observed: (*observations).socks},
			"curl":     {command: "curl -x socks5h://$SOCKS " + curlUpgrade + " http://elsewhere.example/echo; true", want: "101", observed: (*observations).socks},
		}},
		{"keep-alive pings", map[string]trial{
			"wsx":      {command: "wsx --ping-interval 200ms -w -1 --duration 2s ws://$HOST/echo", observed: (*observations).pinged},
			"websocat": {command: "timeout 5 websocat --ping-interval 1 -n ws://$HOST/echo; true", observed: (*observations).pinged},
			"k6":       {command: k6Script(k6Ping), observed: (*observations).pinged},
		}},
		{"reconnects after a loss", map[string]trial{
			"wsx":      {command: "wsx --reconnect -x hello -w -1 --duration 4s ws://$HOST/lost || [ $? = 7 ]", observed: (*observations).returned},
			"websocat": {command: "(while sleep 1; do echo hello; done) | timeout 5 websocat -t - autoreconnect:ws://$HOST/lost; true", observed: (*observations).returned},
		}},
		{"shows every frame", map[string]trial{
			"wsx": {command: "wsx --trace -x hello -1 ws://$HOST/echo", want: "TEXT|text"},
		}},
		{"records, replays, exports HAR and pcap", map[string]trial{
			"wsx": {command: "wsx --record talk.jsonl -x hello -1 ws://$HOST/echo && wsx --input json ws://$HOST/echo <talk.jsonl && wsx export har talk.jsonl && wsx export pcap talk.jsonl -o talk.pcap", want: `hello.*"log"`},
		}},
		{"Socket.IO, GraphQL, MQTT and others", map[string]trial{
			"wsx": {command: "wsx -q --as graphql-ws ws://$HOST/graphql subscribe 'subscription{tick}' -1 --jq .data.tick", want: `^1\n$`},
		}},
		{"a server to test clients with", map[string]trial{
			"wsx":      {command: serves("wsx serve --port $FREE", "/")},
			"wscat":    {command: serves("wscat -l $FREE", "/")},
			"websocat": {command: serves("websocat -E -t ws-l:127.0.0.1:$FREE mirror:", "/")},
			"wstest":   {command: serves("wstest -m echoserver -w ws://127.0.0.1:$FREE", "/")},
		}},
		{"tests servers for RFC conformance", map[string]trial{
			"wsx":    {command: "wsx check --only close.code,fragment ws://$HOST/echo", want: " 0 fail"},
			"wstest": {command: fuzz("1.1.1"), want: `"behavior": "OK"`},
		}},
		{"tests clients for RFC conformance", map[string]trial{
			"wstest": {command: fuzzServer + serves("wstest -m fuzzingserver -s spec.json", "/getCaseCount")},
		}},
		{"loads a server and measures latency", map[string]trial{
			"wsx": {command: "wsx bench --connections 5 --duration 1s --warmup 0s --slo 'p99<10s' ws://$HOST/echo", want: "p99"},
			"k6":  {command: k6Echo("{}", "hello"), want: "ws_session_duration"},
		}},
		{"load scenarios written in JavaScript", map[string]trial{
			"k6": {command: k6Echo("{}", "hello"), want: "answered"},
		}},
	}
}

// edited reports whether a character was inserted before the last one.
func edited(s *observations) bool { return s.message("aXb") }

// curlUpgrade makes curl request an upgrade to WebSocket, and print the status of the response.
const curlUpgrade = "-s -N -m 2 -o received -w '%{http_code}' -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='"

// k6Script writes a script of k6 and runs it.
func k6Script(body string) string {
	return "printf '%s' \"$(cat <<'END'\nimport ws from 'k6/ws';\nimport { check } from 'k6';\n" + body + "\nEND\n)\" >script.js && k6 run --no-color script.js"
}

// k6Echo runs a script of k6 that sends hello, and expects an answer.
func k6Echo(options, answer string) string {
	return k6Script(`export const options = { thresholds: { checks: ['rate==1'] } };
export default function () {
  ws.connect('ws://' + __ENV.HOST + '/echo', ` + options + `, (socket) => {
    socket.on('open', () => socket.send('hello'));
    socket.on('message', (text) => { check(text, { answered: (it) => it === '` + answer + `' }); socket.close(); });
  });
}`)
}

// k6Ping is a script that sends pings for a second.
const k6Ping = `export default function () {
  ws.connect('ws://' + __ENV.HOST + '/echo', {}, (socket) => {
    socket.on('open', () => { socket.setInterval(() => socket.ping(), 200); socket.setTimeout(() => socket.close(), 1000); });
  });
}`

// fuzz makes Autobahn run one case on the server, and prints its report.
func fuzz(number string) string {
	return `echo '{"servers": [{"agent": "server", "url": "ws://'$HOST'/echo"}], "outdir": "reports", "cases": ["` + number + `"], "exclude-cases": [], "exclude-agent-cases": {}}' >spec.json
wstest -m fuzzingclient -s spec.json && cat reports/index.json`
}

// fuzzServer is the configuration of Autobahn's server.
const fuzzServer = `echo '{"url": "ws://127.0.0.1:'$FREE'", "outdir": "reports", "cases": ["1.1.1"], "exclude-cases": [], "exclude-agent-cases": {}}' >spec.json` + "\n"

// serves starts a server on the port $FREE, and connects to it with wsx.
func serves(command, path string) string {
	return "(sleep 30 | " + command + ") >served 2>&1 &\nfor attempt in $(seq 100); do\n" +
		"  wsx -q -w 0 ws://127.0.0.1:$FREE" + path + " </dev/null >connected 2>&1 && exit 0\n  sleep 0.1\ndone\ncat served connected; exit 1"
}

// exitCodes counts the different exit codes, except 0, of three failures: no server listens, HTTP 404, Close 1011.
func exitCodes(program string) string {
	return "for url in ws://$CLOSED ws://$HOST/missing ws://$HOST/fails; do " + program + " $url </dev/null >/dev/null 2>&1; echo $?; done | sort -u | grep -cvx 0"
}

// Written by wsx bench --print k6. Run it with: k6 run FILE. k6 needs no more than this file.
import { WebSocket } from 'k6/websockets';
import { Counter, Rate, Trend } from 'k6/metrics';
import exec from 'k6/execution';

// What is [redacted] is given as: k6 run -e URL=... -e WSX_AUTHORIZATION='Bearer ...' FILE; wsx bench --show-secrets writes it here.
const url = __ENV.URL || {{.URL}};
const headers = {{.Headers}};
const subprotocols = {{.Subprotocols}};
const parameters = { headers{{if .Compress}}, compression: 'deflate'{{end}} };
const connections = {{.Connections}};
const rate = {{.Rate}}; // a second over all connections; 0 = the closed model
const warmup = {{.Warmup}}, duration = {{.Duration}}, ramp = {{.Ramp}}; // ms
const key = {{.Match}}; // what an answer has in common with its message; null = they come in order

const latency = new Trend('ws_latency', true); // from when a message should have been sent
const failed = new Rate('ws_errors');
const sent = new Counter('ws_sent');
const received = new Counter('ws_received');

export const options = {
  scenarios: {
    load: { executor: 'per-vu-iterations', vus: {{.VUs}}, iterations: 1, maxDuration: '{{.Limit}}' },
  },
  insecureSkipTLSVerify: {{.Insecure}},
  thresholds: {{.Thresholds}},
};

// now is in milliseconds with a fraction, since k6 began.
function now() {
  return exec.instance.currentTestRunDuration;
}

// pad is n in hexadecimal.
function pad(n, digits) {
  return Math.floor(n).toString(16).padStart(digits, '0');
}

function payload(conn, seq, due) {
  const mark = 'wsx-k6-' + pad(conn, 4) + pad(seq, 8) + pad(due * 1000, 12) + '.';
  const text = {{.Message}};
  {{if .Binary}}return new Uint8Array(Array.from(text, (c) => c.charCodeAt(0))).buffer;{{else}}return text;{{end}}
}

function text(data) {
  return typeof data === 'string' ? data : String.fromCharCode.apply(null, new Uint8Array(data));
}

export default function () {
  const conn = exec.vu.idInTest - 1;
  setTimeout(() => run(conn), (ramp * conn) / {{.VUs}});
}
{{if eq .Scenario "connect"}}
function run() {
  const begun = now();
  const ws = new WebSocket(url, subprotocols, parameters);
  let open = false;
  ws.onopen = () => {
    open = true;
    latency.add(now() - begun);
    failed.add(false);
    setTimeout(() => ws.close(1000), duration);
  };
  ws.onerror = () => { if (!open) failed.add(true); };
}
{{else if eq .Scenario "receive"}}
function run() {
  const ws = new WebSocket(url, subprotocols, parameters);
  ws.binaryType = 'arraybuffer';
  let from = Infinity, last = 0;
  ws.onopen = () => {
    from = now() + warmup;
    setTimeout(() => ws.close(1000), warmup + duration);
  };
  ws.onmessage = () => {
    const at = now();
    if (last > 0 && at >= from) {
      latency.add(at - last);
      received.add(1);
    }
    last = at;
  };
  ws.onerror = () => failed.add(true);
}
{{else if eq .Scenario "fanout"}}
// The first VUs only receive, the others send.
function run(conn) {
  const ws = new WebSocket(url, subprotocols, parameters);
  ws.binaryType = 'arraybuffer';
  let from = 0, to = 0, seq = 0;
  ws.onopen = () => {
    from = now() + warmup;
    to = from + duration;
    setTimeout(() => ws.close(1000), warmup + duration + 2000);
    if (conn >= connections) setTimeout(() => send(now()), 500); // when all are connected
  };
  function send(due) {
    for (; due <= now(); due += (1000 * {{.Senders}}) / (rate || 1)) {
      if (due >= to) return;
      ws.send(payload(conn, seq++, due));
      if (due >= from) sent.add(1);
    }
    setTimeout(() => send(due), due - now());
  }
  ws.onmessage = (event) => {
    const at = now();
    const mark = /wsx-k6-[0-9a-f]{12}([0-9a-f]{12})\./.exec(text(event.data));
    const due = mark ? parseInt(mark[1], 16) / 1000 : -1;
    if (conn >= connections || due < from || due >= to) return;
    latency.add(at - due);
    received.add(1);
  };
  ws.onerror = () => failed.add(true);
}
{{else}}
function run(conn) {
  const ws = new WebSocket(url, subprotocols, parameters);
  ws.binaryType = 'arraybuffer';
  let from = 0, to = 0, seq = 0, ending = false;
  const waiting = []; // when messages without an answer were due
  const keyed = new Map();
  ws.onopen = () => {
    const start = now();
    from = start + warmup;
    to = from + duration;
    setTimeout(() => {
      ending = true;
      for (const due of waiting.concat(Array.from(keyed.values()))) {
        if (due < from || due >= to) continue;
        failed.add(true);
        latency.add(now() - due); // so long it has waited
      }
      ws.close(1000);
    }, warmup + duration + 2000);
    if (rate > 0) send(start + (1000 * conn) / rate);
    else one(start);
  };
  function one(due) {
    const message = payload(conn, seq++, due);
    if (key) keyed.set(key(text(message)), due);
    else waiting.push(due);
    ws.send(message);
    if (due >= from && due < to) sent.add(1);
  }
  // send sends what is due, and comes back when the next message is.
  function send(due) {
    for (; due <= now(); due += (1000 * connections) / rate) {
      if (due >= to) return;
      one(due);
    }
    setTimeout(() => send(due), due - now());
  }
  ws.onmessage = (event) => {
    const at = now();
    let due;
    if (key) {
      const found = key(text(event.data));
      due = keyed.get(found);
      keyed.delete(found);
    } else {
      due = waiting.shift();
    }
    if (due === undefined) return;
    if (due >= from && due < to) {
      latency.add(at - due);
      received.add(1);
      failed.add(false);
    }
    if (rate === 0 && at < to) one(at);
  };
  ws.onerror = () => { if (!ending) failed.add(true); };
}
{{end}}

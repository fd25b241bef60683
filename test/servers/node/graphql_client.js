// The client of npm graphql-ws: a query and a subscription, whose results it prints. With a second argument it writes what it
// sent and received to a recording.
const fs = require("fs");
const { WebSocket } = require("ws");
const { createClient } = require("graphql-ws");
const [url, recording] = process.argv.slice(2);

const record = (event) => {
  if (recording) fs.appendFileSync(recording, JSON.stringify({ time: new Date().toISOString(), ...event }) + "\n");
};

class Recorded extends WebSocket {
  constructor(...args) {
    super(...args);
    this.on("open", () => record({ event: "open", url, headers: { "Sec-WebSocket-Protocol": [this.protocol] } }));
    this.on("message", (data) => record({ event: "message", dir: "in", type: "text", data: data.toString() }));
    this.on("close", (code, reason) => record({ event: "close", dir: "in", code, reason: reason.toString() }));
  }
  send(data, ...rest) {
    record({ event: "message", dir: "out", type: "text", data: data.toString() });
    super.send(data, ...rest);
  }
  close(code, reason) {
    record({ event: "close", dir: "out", code, reason: String(reason ?? "") });
    super.close(code, reason);
  }
}

(async () => {
  const client = createClient({ url, webSocketImpl: Recorded, retryAttempts: 0, lazy: false });
  for (const query of ["{hello}", "subscription{tick(count:3)}"]) {
    for await (const result of client.iterate({ query })) console.log(JSON.stringify(result));
  }
  await client.dispose();
})().catch((error) => { console.error("failed", error.reason || error.message || error); process.exit(1); });

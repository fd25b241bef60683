// Opens a WebSocket over HTTP/2 (RFC 8441) with Node's own client, sends a masked frame, and prints what comes back.
"use strict";

const http2 = require("node:http2");

const client = http2.connect(process.argv[2]);
client.on("error", (error) => { console.log("error", error.message); process.exit(1); });
client.on("remoteSettings", (settings) => {
  console.log("extended", settings.enableConnectProtocol);
  const stream = client.request({
    ":method": "CONNECT", ":protocol": "websocket", ":path": "/", "sec-websocket-version": "13", "sec-websocket-protocol": "a, b",
  });
  stream.on("response", (headers) => {
    console.log("status", headers[":status"], headers["sec-websocket-protocol"]);
    stream.write(Buffer.from([0x81, 0x85, 0, 0, 0, 0, ...Buffer.from("hello")]));
    stream.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]));
  });
  let received = Buffer.alloc(0);
  stream.on("data", (chunk) => { received = Buffer.concat([received, chunk]); });
  stream.on("end", () => { console.log("received", received.toString("hex")); client.close(); });
});

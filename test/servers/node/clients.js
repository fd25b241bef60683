// A small server of SignalR or Phoenix, to which first the protocol's npm client connects, and then wsx. Both must send the same
// messages, except for ids. It writes "same" or the difference to standard output.
const { WebSocketServer, WebSocket } = require("ws");
const protocol = process.argv[2];
const logs = [];
const http = require("http").createServer((request, response) => {
  if (request.method === "POST" && request.url.startsWith("/hub/negotiate")) {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ negotiateVersion: 1, connectionId: "public", connectionToken: "secret",
      availableTransports: [{ transport: "WebSockets", transferFormats: ["Text", "Binary"] }] }));
    return;
  }
  response.statusCode = 404;
  response.end();
});

// The answers of the server to a message, by protocol.
const servers = {
  signalr: (send, text) => {
    for (const part of text.split("\x1e").filter(Boolean)) {
      const message = JSON.parse(part);
      const record = (value) => send(JSON.stringify(value) + "\x1e");
      if (message.protocol) record({});
      if (message.type === 1 && message.target === "Add") {
        record({ type: 3, invocationId: message.invocationId, result: message.arguments[0] + message.arguments[1] });
        record({ type: 1, target: "added", arguments: message.arguments });
      }
      if (message.type === 1 && message.target === "Fail") record({ type: 3, invocationId: message.invocationId, error: "it failed" });
      if (message.type === 4) {
        for (let i = 1; i <= message.arguments[0]; i++) record({ type: 2, invocationId: message.invocationId, item: i });
        record({ type: 3, invocationId: message.invocationId });
      }
    }
  },
  phoenix: (send, text) => {
    const [join, ref, topic, event, payload] = JSON.parse(text);
    const reply = (status, response) => send(JSON.stringify([join, ref, topic, "phx_reply", { status, response }]));
    if (event === "phx_join") { topic === "room:private" ? reply("error", { reason: "unauthorized" }) : reply("ok", {}); }
    else if (event === "shout") { send(JSON.stringify([null, null, topic, "shout", payload])); reply("ok", { sent: true }); }
    else if (event === "phx_leave" || event === "heartbeat") reply("ok", {});
  },
};

// The actions of the protocol's npm client; wsx performs the same.
const clients = {
  signalr: async (base) => {
    const { HubConnectionBuilder, LogLevel } = require("@microsoft/signalr");
    const hub = new HubConnectionBuilder().withUrl(base.replace("ws:", "http:") + "/hub", { transport: 1, WebSocket }).configureLogging(LogLevel.None).build();
    await hub.start();
    await hub.invoke("Add", 2, 3);
    await hub.invoke("Fail").catch(() => {});
    await new Promise((done) => hub.stream("Count", 3).subscribe({ next() {}, complete: done, error: done }));
    await hub.send("Note", "hello");
    await hub.stop();
  },
  phoenix: async (base) => {
    const { Socket } = require("phoenix");
    const socket = new Socket(base + "/socket", { transport: WebSocket });
    socket.connect();
    const completed = (push) => new Promise((done) => push.receive("ok", done).receive("error", done));
    const room = socket.channel("room:1", {});
    await completed(room.join());
    await completed(room.push("shout", { text: "hello" }));
    await completed(room.leave());
    await new Promise((done) => socket.disconnect(done));
  },
};

// The messages sent, without differences that are allowed: ids are numbered in order, members are sorted, and heartbeats and Close
// records are removed.
function normal(log) {
  const ids = new Map();
  const id = (value) => { if (value == null) return value; if (!ids.has(value)) ids.set(value, `#${ids.size + 1}`); return ids.get(value); };
  const sorted = (value) => value && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : Array.isArray(value) ? value.map(sorted) : value;
  const list = log.messages.flatMap((text) => text.split("\x1e").filter(Boolean)).map((text) => JSON.parse(text)).map((message) => {
    if (Array.isArray(message)) return [id(message[0]), id(message[1]), ...message.slice(2)];
    return "invocationId" in message ? { ...message, invocationId: id(message.invocationId) } : message;
  }).filter((message) => message.type !== 6 && message.type !== 7 && message[3] !== "heartbeat");
  return JSON.stringify({ url: log.url, messages: list.map(sorted) });
}

new WebSocketServer({ server: http }).on("connection", (socket, request) => {
  const log = { url: request.url, messages: [] };
  const at = logs.push(log);
  socket.on("message", (data) => { log.messages.push(String(data)); servers[protocol]((text) => socket.send(text), String(data)); });
  socket.on("close", () => {
    if (at !== 2) return;
    const [official, wsx] = logs.map(normal);
    console.log(official === wsx ? "same" : `different:\n${official}\n${wsx}`);
  });
});
http.listen(0, "127.0.0.1", async () => {
  const base = `ws://127.0.0.1:${http.address().port}`;
  await clients[protocol](base);
  console.log(`listening on ${base}/`);
});

// A Socket.IO server: call add, emit, a namespace that refuses, binary attachments, a quick heartbeat.
const http = require("http").createServer();
const { Server } = require("socket.io");
const io = new Server(http, { pingInterval: 300, pingTimeout: 30000 });
io.on("connection", (socket) => {
  socket.emit("welcome", { auth: socket.handshake.auth });
  socket.on("add", (a, b, reply) => reply(a + b));
  socket.on("never", () => {});
  socket.on("size", (data, reply) => reply(data.length));
  socket.on("bytes", (reply) => reply(Buffer.from([1, 2, 255])));
  socket.on("say", (text) => socket.emit("said", text));
  socket.on("tick", (count) => { for (let i = 0; i < count; i++) socket.emit("tick", i); });
});
io.of("/secret").use((socket, next) => {
  socket.handshake.auth.token === "letmein" ? next() : next(new Error("not authorized"));
});
io.of("/secret").on("connection", (socket) => {
  socket.on("add", (a, b, reply) => reply(a + b));
});
http.listen(0, "127.0.0.1", () => console.log(`listening on ws://127.0.0.1:${http.address().port}/`));

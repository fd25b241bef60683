// An MQTT broker over WebSocket.
const { WebSocketServer, createWebSocketStream } = require("ws");
const http = require("http").createServer();
const aedes = require("aedes")();
aedes.authenticate = (client, user, password, done) => done(null, user !== "nobody");
new WebSocketServer({ server: http, handleProtocols: (offered) => (offered.has("mqtt") ? "mqtt" : false) })
  .on("connection", (socket, request) => aedes.handle(createWebSocketStream(socket), request));
http.listen(0, "127.0.0.1", () => console.log(`listening on ws://127.0.0.1:${http.address().port}/`));

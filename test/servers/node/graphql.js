// A GraphQL server over graphql-transport-ws, or with the argument "old" over subscriptions-transport-ws.
const graphql = require("graphql");
const { WebSocketServer } = require("ws");
const schema = graphql.buildSchema(`
  type Query { hello(name: String): String, whoami: String }
  type Subscription { tick(count: Int): Int, forever: Int }`);
async function* ticks(count) { for (let i = 1; i <= count; i++) yield { tick: i }; }
async function* forever() { for (let i = 1; ; i++) { yield { forever: i }; await new Promise((done) => setTimeout(done, 20)); } }
const roots = {
  query: { hello: ({ name }) => `hello ${name || "world"}` },
  subscription: { tick: ({ count }) => ticks(count || 3), forever },
};
const old = process.argv[2] === "old";
const http = require("http").createServer();
const wss = new WebSocketServer({ server: http, path: "/graphql", handleProtocols: (offered) => {
  const name = old ? "graphql-ws" : "graphql-transport-ws";
  return offered.has(name) ? name : false;
} });
if (old) {
  const { SubscriptionServer } = require("subscriptions-transport-ws");
  const subscribe = (args) => graphql.subscribe({ ...args, rootValue: roots.subscription });
  const execute = (args) => graphql.execute({ ...args, rootValue: roots.query });
  SubscriptionServer.create({ schema, execute, subscribe, keepAlive: 100,
    onConnect: (payload) => { if (payload.deny) throw new Error("denied"); return {}; } }, wss);
} else {
  const { useServer } = require("graphql-ws/use/ws");
  useServer({ schema, roots, onConnect: (ctx) => !(ctx.connectionParams || {}).deny }, wss, 100);
}
http.listen(0, "127.0.0.1", () => console.log(`listening on ws://127.0.0.1:${http.address().port}/graphql`));

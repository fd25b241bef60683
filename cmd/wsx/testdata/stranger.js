// An echo server that is not ours. It prints its URL, and echoes with the type that came.
const { WebSocketServer } = require('ws');
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: true, maxPayload: 0 });
server.on('listening', () => process.stdout.write(`ws://127.0.0.1:${server.address().port}/`));
server.on('connection', (client, request) => {
  const wish = new URL(request.url, 'http://host').searchParams;
  client.on('message', (data, binary) => {
    if (wish.has('close')) return client.close(Number(wish.get('close')), wish.get('reason') ?? '');
    client.send(data, { binary });
  });
  if (wish.has('hello')) client.send(wish.get('hello'));
});

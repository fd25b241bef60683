// An echo server with npm ws. It prints its URL, and echoes each message with its type.
const { WebSocketServer } = require('ws');
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: true, maxPayload: 0 });
server.on('listening', () => process.stdout.write(`ws://127.0.0.1:${server.address().port}/`));
server.on('connection', (client, request) => {
  const options = new URL(request.url, 'http://host').searchParams;
  client.on('message', (data, binary) => {
    if (options.has('close')) return client.close(Number(options.get('close')), options.get('reason') ?? '');
    client.send(data, { binary });
  });
  if (options.has('hello')) client.send(options.get('hello'));
});

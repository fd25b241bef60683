// An echo server over HTTP/2 (RFC 8441), on the loopback port that is named.
const http2 = require('http2');

const server = http2.createServer({ settings: { enableConnectProtocol: true } });

server.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  if (headers[':protocol'] !== 'websocket' || headers[':path'] === '/403') {
    stream.respond({ ':status': 403, server: 'node' });
    stream.end('go away');
    return;
  }
  const offered = (headers['sec-websocket-protocol'] || '').split(', ');
  stream.respond(offered.includes('b') ? { ':status': 200, 'sec-websocket-protocol': 'b' } : { ':status': 200 });
  let held = Buffer.alloc(0);
  stream.on('data', (chunk) => {
    held = Buffer.concat([held, chunk]);
    for (let frame = parse(held); frame; frame = parse(held)) {
      held = held.subarray(frame.end);
      const opcode = frame.opcode === 9 ? 10 : frame.opcode;
      stream.write(Buffer.concat([header(0x80 | opcode, frame.payload.length), frame.payload]));
      if (opcode === 8) stream.end();
    }
  });
});

// parse reads a masked frame from the beginning of held; null = it has not come whole.
function parse(held) {
  if (held.length < 2) return null;
  let size = held[1] & 127;
  let at = 2;
  if (size === 126) {
    if (held.length < 4) return null;
    size = held.readUInt16BE(2);
    at = 4;
  } else if (size === 127) {
    if (held.length < 10) return null;
    size = Number(held.readBigUInt64BE(2));
    at = 10;
  }
  const end = at + 4 + size;
  if (held.length < end) return null;
  const key = held.subarray(at, at + 4);
  const payload = Buffer.from(held.subarray(at + 4, end));
  for (let i = 0; i < size; i++) payload[i] ^= key[i & 3];
  return { opcode: held[0] & 15, payload, end };
}

function header(first, size) {
  if (size < 126) return Buffer.from([first, size]);
  const wide = Buffer.alloc(size < 65536 ? 4 : 10);
  wide[0] = first;
  if (size < 65536) {
    wide[1] = 126;
    wide.writeUInt16BE(size, 2);
  } else {
    wide[1] = 127;
    wide.writeBigUInt64BE(BigInt(size), 2);
  }
  return wide;
}

server.listen(Number(process.argv[2]), '127.0.0.1');

// An echo server on npm ws. Usage: node echo.js PORT
const { WebSocketServer } = require('ws')

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: true },
  () => console.log('listening'))
server.on('connection', (socket) => {
  socket.on('error', () => {}) // without a listener, Node ends the process
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})

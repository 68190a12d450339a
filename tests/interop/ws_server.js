// npm ws as a server for our client: echoes, and prints its port. Compresses if told "deflate".
'use strict';
const { WebSocketServer } = require('ws');

const perMessageDeflate = process.argv[2] === 'deflate';
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate }, () => {
  console.log(server.address().port);
});
server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));

// npm ws sends every message back, in three fragments if it begins with "~".
// Usage: node ws_peer.js deflate|plain serve | connect URL...
'use strict';
const { once } = require('events');
const WebSocket = require('ws');

const [compression, role, ...urls] = process.argv.slice(2);
const perMessageDeflate = compression === 'deflate' && { threshold: 0 };
const maxPayload = 1 << 24;

function echo(socket) {
  socket.on('error', (error) => {
    console.error(error);
    process.exitCode = 1;
  });
  socket.on('message', (data, binary) => {
    if (data[0] !== 0x7e) return socket.send(data, { binary });
    const third = Math.floor(data.length / 3);
    socket.send(data.subarray(0, third), { binary, fin: false });
    socket.send(data.subarray(third, 2 * third), { binary, fin: false });
    socket.send(data.subarray(2 * third), { binary });
  });
}

function serve() {
  const options = { port: 0, host: '127.0.0.1', perMessageDeflate, maxPayload };
  const server = new WebSocket.Server(options, () => console.log(server.address().port));
  server.on('connection', echo);
  process.stdin.resume();
  process.stdin.on('end', () => process.exit());
}

async function connect() {
  for (const url of urls) {
    const socket = new WebSocket(url, { perMessageDeflate, maxPayload });
    echo(socket);
    await once(socket, 'close');
  }
}

role === 'serve' ? serve() : connect();

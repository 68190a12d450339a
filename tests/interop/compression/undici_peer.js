// undici, whose WebSocket is Node's own, sends every message back.
// Usage: node undici_peer.js connect URL...
'use strict';
const { WebSocket } = require('undici');

async function connect(urls) {
  for (const url of urls) {
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = (event) => socket.send(event.data);
    socket.onerror = () => { process.exitCode = 1; };
    await new Promise((resolve) => { socket.onclose = resolve; });
  }
}

connect(process.argv.slice(3));

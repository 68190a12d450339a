// npm ws as a client for our suite: echoes whatever the URL sends, until that closes.
'use strict';
const WebSocket = require('ws');

const socket = new WebSocket(process.argv[2]);
socket.on('message', (data, binary) => socket.send(data, { binary }));
socket.on('error', () => process.exit(1));
socket.on('close', () => process.exit(0));

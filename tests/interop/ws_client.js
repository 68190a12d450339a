// npm ws as a client of the server: every size class, both types, fragments, ping, close.
'use strict';
const WebSocket = require('ws');
const assert = require('assert');
const { randomBytes } = require('crypto');

const base = process.argv[2];
const sizes = [0, 1, 125, 126, 127, 65535, 65536, 1 << 20];

function open(path, protocols) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(base + path, protocols);
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}
function next(socket) {
  return new Promise((resolve) => {
    socket.once('message', (data, binary) => resolve({ data, binary }));
  });
}
async function echoes(options) {
  const socket = await open('/echo', ['other', 'chat']);
  assert.strictEqual(socket.protocol, 'chat');
  for (const size of sizes) {
    const bytes = randomBytes(size);
    socket.send(bytes, options);
    const binary = await next(socket);
    assert(binary.binary && bytes.equals(binary.data), `binary of ${size} bytes`);
    const text = 'ä€😀x'.repeat(size / 10);
    socket.send(text, options);
    const answer = await next(socket);
    assert(!answer.binary && answer.data.toString() === text, `text of ${size} bytes`);
  }
  return socket;
}
async function fragments(socket) {
  socket.send('one ', { fin: false });
  socket.ping('between');
  socket.send('two ', { fin: false });
  socket.send('three', { fin: true });
  const pong = new Promise((resolve) => socket.once('pong', resolve));
  assert.strictEqual((await next(socket)).data.toString(), 'one two three');
  assert.strictEqual((await pong).toString(), 'between');
}
async function closes(socket) {
  const ours = new Promise((resolve) => socket.once('close', (code) => resolve(code)));
  socket.close(4000, 'bye');
  assert.strictEqual(await ours, 4000);
  const other = await open('/close');
  const theirs = new Promise((resolve) => {
    other.once('close', (code, reason) => resolve([code, reason.toString()]));
  });
  other.send('close, please');
  assert.deepStrictEqual(await theirs, [4321, 'as you wish']);
}
(async () => {
  const socket = await echoes({});
  await fragments(socket);
  await closes(socket);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});

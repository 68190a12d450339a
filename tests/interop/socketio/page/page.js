// What the client for browsers does, as the server at hand gives it out: `window.result` says when
// it is done, or what went wrong.
const once = (emitter, event) => new Promise((resolve) => { emitter.once(event, resolve); });
const bytesOf = (buffer) => Array.from(new Uint8Array(buffer));
const same = (a, b) => {
  const [left, right] = [a, b].map((each) => JSON.stringify(each));
  if (left !== right) throw new Error(`${left} is not ${right}`);
};

const isMsgpack = location.search.includes('msgpack');

const steps = {
  async connects() {
    const socket = io({ auth: { token: 'abc' } });
    same(await once(socket, 'auth'), { token: 'abc' });
    return socket;
  },
  async upgrades(socket) {
    const { engine } = socket.io;
    if (engine.transport.name !== 'websocket') await once(engine, 'upgrade');
    same(engine.transport.name, 'websocket');
  },
  async emits(socket) {
    const back = once(socket, 'message-back');
    socket.emit('message', { a: ['ä€😀', 1.5, null] });
    same(await back, { a: ['ä€😀', 1.5, null] });
  },
  async isAnswered(socket) {
    same(await socket.emitWithAck('message-with-ack', 'x'), 'x');
    socket.on('question', (n, answer) => answer(n));
    const answered = once(socket, 'answered');
    socket.emit('ask me', 1);
    same(await answered, 0);
  },
  async echoesBytes(socket) {
    const back = await socket.emitWithAck('message-with-ack', new Uint8Array([1, 2, 255]).buffer);
    same(bytesOf(back), [1, 2, 255]);
    if (isMsgpack) return;  // whose parser knows no blobs
    const blob = await socket.emitWithAck('message-with-ack', new Blob(['blob']));
    same(bytesOf(blob), bytesOf(new TextEncoder().encode('blob').buffer));
  },
  // Long enough to be compressed on its way back.
  async polls() {
    const socket = io({ transports: ['polling'], forceNew: true });
    const text = 'ä€😀 and so on '.repeat(10000);
    same(await socket.emitWithAck('message-with-ack', text), text);
    const back = await socket.emitWithAck('message-with-ack', new Uint8Array(5000).buffer);
    same(back.byteLength, 5000);
    const polls = performance.getEntriesByType('resource')
      .filter(({ name }) => name.includes('transport=polling'));
    const isSmaller = polls.some((each) => each.encodedBodySize * 10 < each.decodedBodySize);
    if (!isSmaller) throw new Error('no poll was compressed');
    socket.disconnect();
  },
  async isAModuleToo() {
    const module = await import('/socket.io/socket.io.esm.min.js');
    if (io.protocol !== module.io.protocol) throw new Error('another protocol');
    if (isMsgpack) return;
    // Who leaves in the middle of the change is complained of by the browser.
    const socket = module.io({ forceNew: true, transports: ['websocket'] });
    await once(socket, 'connect');
    socket.disconnect();
  },
  async isNotSentAgain() {
    const url = '/socket.io/socket.io.min.js';
    const first = await fetch(url, { cache: 'no-store' });
    same(first.headers.get('Content-Type'), 'text/javascript; charset=utf-8');
    const headers = { 'If-None-Match': first.headers.get('ETag') };
    same((await fetch(url, { cache: 'no-store', headers })).status, 304);
  },
  async leaves(socket) {
    const left = once(socket, 'disconnect');
    socket.emit('kick me', true);
    same(await left, 'io server disconnect');
  },
};

async function main() {
  const socket = await steps.connects();
  for (const [name, step] of Object.entries(steps).slice(1)) {
    window.step = name;
    await step(socket);
  }
  return 'done';
}

main().then(
  (result) => { window.result = result; },
  (error) => { window.result = `${window.step}: ${error.stack}`; },
);

// npm socket.io-client 2 as a client of the Socket.IO server, over one transport.
// Usage: node client2.js URL TRANSPORT [base64]
'use strict';
const io = require('socket.io-client-2');
const assert = require('assert');
const { once, opener, run } = require('./rows.js');

const [, , url, , form] = process.argv;
const connect = opener(io, url, { forceBase64: form === 'base64' });

const answer = (socket, ...values) => new Promise((resolve, reject) => {
  const late = setTimeout(() => reject(new Error(`no answer to ${values[0]}`)), 5000);
  socket.emit(...values, (...back) => {
    clearTimeout(late);
    resolve(back);
  });
});

const tests = {
  async 'joins, and knows its id'(options) {
    const socket = connect('/', options);
    await once(socket, 'connect');
    assert.match(socket.id, /^[\w-]{20}$/);
    assert.deepStrictEqual(await answer(socket, 'who am I'), [socket.id]);
  },
  async 'echoes texts, numbers, objects'(options) {
    const socket = connect('/', options);
    const values = [1, '2', { 3: [true, null, 'ä€😀'] }, -0.5, 1e21, ['']];
    socket.emit('message', ...values);
    assert.deepStrictEqual(await once(socket, 'message-back'), values);
  },
  async 'echoes bytes'(options) {
    const socket = connect('/', options);
    const bytes = [Buffer.from([1, 2, 3]), Buffer.alloc(100000, 7), Buffer.alloc(0)];
    socket.emit('message', { deep: [bytes[0], 'ä€😀'] }, bytes[1], bytes[2]);
    const back = await once(socket, 'message-back');
    assert(bytes[0].equals(back[0].deep[0]));
    assert.strictEqual(back[0].deep[1], 'ä€😀');
    assert(bytes[1].equals(back[1]) && bytes[2].equals(back[2]));
  },
  async 'is answered'(options) {
    const socket = connect('/', options);
    const bytes = Buffer.from('some bytes');
    const back = await answer(socket, 'message-with-ack', 1, bytes, 'x');
    assert(back[0] === 1 && bytes.equals(back[1]) && back[2] === 'x');
  },
  async 'answers, or does not'(options) {
    const socket = connect('/', options);
    socket.on('question', (n, reply) => n < 2 && reply('n' + n));
    socket.emit('ask me', 3);
    const answers = [];
    await new Promise((resolve) => {
      socket.on('answered', (...values) => answers.push(values) === 3 && resolve());
    });
    assert.deepStrictEqual(answers, [[0, ['n0']], [0, ['n1']], [1, []]]);
  },
  async 'is one of many in a room'(options) {
    const sockets = [1, 2, 3].map(() => connect('/', options));
    for (const socket of sockets.slice(0, 2)) {
      assert.deepStrictEqual(await answer(socket, 'join', 'red'), ['joined']);
    }
    let third = 0;
    sockets[2].on('said', () => (third += 1));
    const heard = once(sockets[1], 'said');
    sockets[0].emit('say', 'red', 'hello');
    assert.deepStrictEqual(await heard, ['hello']);
    await answer(sockets[2], 'count');
    assert.strictEqual(third, 0);
  },
  async 'has namespaces on one connection'(options) {
    const root = connect('/', options);
    const custom = root.io.socket('/custom', { query: { of: 'custom' } });
    assert.deepStrictEqual(await once(custom, 'auth'), [{ of: 'custom' }]);
    assert.deepStrictEqual(await answer(custom, 'who am I'), [custom.id]);
    custom.emit('message', 'in custom');
    assert.deepStrictEqual(await once(custom, 'message-back'), ['in custom']);
    custom.close();
    root.emit('message', 'still here');
    assert.deepStrictEqual(await once(root, 'message-back'), ['still here']);
  },
  async 'is refused'(options) {
    assert.deepStrictEqual(await once(connect('/unknown', options), 'error'),
      ['Invalid namespace']);
    assert.deepStrictEqual(await once(connect('/guarded', options), 'error'),
      [{ why: 'who are you?', code: 7 }]);
    await once(connect('/guarded?token=open', options), 'connect');
  },
  async 'is sent away'(options) {
    const socket = connect('/', options);
    socket.emit('kick me', false);
    assert.deepStrictEqual(await once(socket, 'disconnect'), ['io server disconnect']);
    const closed = connect('/', options);
    closed.emit('kick me', true);
    assert.deepStrictEqual(await once(closed, 'disconnect'), ['io server disconnect']);
  },
  async 'comes again'(options) {
    const socket = connect('/', { ...options, reconnection: true, reconnectionDelay: 10 });
    await once(socket, 'connect');
    const before = socket.id;
    socket.io.engine.close();
    await once(socket, 'connect');
    assert.notStrictEqual(socket.id, before);
  },
  async 'keeps its session by pings'(options) {
    const socket = connect('/', { ...options, path: '/quick/' });
    await once(socket, 'connect');
    let pongs = 0;
    socket.on('pong', () => (pongs += 1));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert(socket.connected);
    assert(pongs >= 3, `${pongs} pongs`);
  },
  async 'gets everything in order while it changes its transport'(options) {
    const socket = connect('/', options);
    const numbers = [];
    socket.on('number', (n) => numbers.push(n));
    for (let i = 0; i < 20; i += 1) {
      socket.emit('count up', 50);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await answer(socket, 'count');
    assert.strictEqual(numbers.length, 1000);
    numbers.forEach((n, i) => assert.strictEqual(n, i % 50));
    const last = options.transports[options.transports.length - 1];
    assert.strictEqual(socket.io.engine.transport.name, last);
  },
};

run(tests);

// npm socket.io-client as a client of the Socket.IO server, over one transport.
// Usage: node client.js URL TRANSPORT [msgpack]
'use strict';
const { io } = require('socket.io-client');
const assert = require('assert');
const { once, opener, run } = require('./rows.js');

const [, , url, , parser] = process.argv;
const connect = opener(io, url,
  parser === 'msgpack' ? { parser: require('socket.io-msgpack-parser') } : {});

const tests = {
  async 'joins, and says who it is'(options) {
    const socket = connect('/', { ...options, auth: { token: 'abc', n: 1 } });
    assert.deepStrictEqual(await once(socket, 'auth'), [{ token: 'abc', n: 1 }]);
    assert.match(socket.id, /^[\w-]{20}$/);
  },
  async 'echoes texts, numbers, objects'(options) {
    const socket = connect('/', options);
    // The msgpack parser writes whole numbers as 64 bits of them, however large they are.
    const large = parser === 'msgpack' ? 1e15 : 1e21;
    const values = [1, '2', { 3: [true, null, 'ä€😀'] }, -0.5, large, ['']];
    socket.emit('message', ...values);
    assert.deepStrictEqual(await once(socket, 'message-back'), values);
  },
  async 'echoes bytes'(options) {
    const socket = connect('/', options);
    const bytes = [Buffer.from([1, 2, 3]), Buffer.alloc(100000, 7), Buffer.alloc(0)];
    socket.emit('message', { deep: [bytes[0], 'x'] }, bytes[1], bytes[2]);
    const back = await once(socket, 'message-back');
    assert(bytes[0].equals(back[0].deep[0]));
    assert(bytes[1].equals(back[1]) && bytes[2].equals(back[2]));
  },
  async 'is answered'(options) {
    const socket = connect('/', options);
    const bytes = Buffer.from('some bytes');
    const back = await new Promise((resolve) => {
      socket.emit('message-with-ack', 1, bytes, 'x', (...values) => resolve(values));
    });
    assert(back[0] === 1 && bytes.equals(back[1]) && back[2] === 'x');
    assert.strictEqual(await socket.timeout(3000).emitWithAck('message-with-ack', 'a'), 'a');
  },
  async 'answers, or does not'(options) {
    const socket = connect('/', options);
    socket.on('question', (n, answer) => n < 2 && answer('n' + n));
    socket.emit('ask me', 3);
    const answers = [];
    await new Promise((resolve) => {
      socket.on('answered', (...answer) => answers.push(answer) === 3 && resolve());
    });
    assert.deepStrictEqual(answers, [[0, ['n0']], [0, ['n1']], [1, []]]);
  },
  async 'is one of many in a room'(options) {
    const sockets = [1, 2, 3].map(() => connect('/', options));
    for (const socket of sockets.slice(0, 2)) {
      assert.strictEqual(await socket.emitWithAck('join', 'red'), 'joined');
    }
    let third = 0;
    sockets[2].on('said', () => (third += 1));
    const heard = once(sockets[1], 'said');
    sockets[0].emit('say', 'red', 'hello');
    assert.deepStrictEqual(await heard, ['hello']);
    await sockets[2].emitWithAck('count');
    assert.strictEqual(third, 0);
  },
  async 'is asked with all others'(options) {
    const sockets = [1, 2].map(() => connect('/', options));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    sockets.forEach((socket) => socket.on('question', (n, answer) => answer(n)));
    const [status, answers] = await new Promise((resolve) => {
      sockets[0].emit('ask all', (...values) => resolve(values));
    });
    assert.strictEqual(status, 0);
    assert.deepStrictEqual(answers, [7, 7]);
  },
  async 'has namespaces on one connection'(options) {
    const root = connect('/', options);
    const custom = root.io.socket('/custom', { auth: { of: 'custom' } });
    assert.deepStrictEqual(await once(custom, 'auth'), [{ of: 'custom' }]);
    custom.emit('message', 'in custom');
    assert.deepStrictEqual(await once(custom, 'message-back'), ['in custom']);
    custom.disconnect();
    root.emit('message', 'still here');
    assert.deepStrictEqual(await once(root, 'message-back'), ['still here']);
  },
  async 'is refused'(options) {
    const [unknown] = await once(connect('/unknown', options), 'connect_error');
    assert.strictEqual(unknown.message, 'Invalid namespace');
    const [guarded] = await once(connect('/guarded', options), 'connect_error');
    assert.strictEqual(guarded.message, 'not authorized');
    assert.deepStrictEqual(guarded.data, { why: 'who are you?', code: 7 });
    await once(connect('/guarded', { ...options, auth: { token: 'open' } }), 'connect');
  },
  async 'is sent away'(options) {
    const socket = connect('/', options);
    socket.emit('kick me', false);
    assert.strictEqual((await once(socket, 'disconnect'))[0], 'io server disconnect');
    const closed = connect('/', options);
    closed.emit('kick me', true);
    assert.strictEqual((await once(closed, 'disconnect'))[0], 'io server disconnect');
  },
  async 'outlives its server'(options) {
    const socket = connect('/', { ...options, reconnection: true, reconnectionDelay: 100 });
    await once(socket, 'connect');
    const before = socket.id;
    socket.emit('die');
    await once(socket, 'disconnect');
    socket.emit('message', 'kept');
    assert.deepStrictEqual(await once(socket, 'message-back'), ['kept']);
    assert.notStrictEqual(socket.id, before);
  },
  async 'comes again'(options) {
    const socket = connect('/', { ...options, reconnection: true, reconnectionDelay: 10 });
    await once(socket, 'connect');
    const before = socket.id;
    socket.io.engine.close();
    await once(socket, 'connect');
    assert.notStrictEqual(socket.id, before);
  },
  async 'takes up where it left off'(options) {
    const mine = { ...options, path: '/recovering/', reconnection: true, reconnectionDelay: 200 };
    const socket = connect('/', mine);
    const other = connect('/', { ...options, path: '/recovering/' });
    await Promise.all([once(socket, 'welcome'), once(other, 'welcome')]);
    // One that is closed while it changes closes later, and may hear some of them before.
    const { engine } = socket.io;
    if (options.transports.includes('websocket') && engine.transport.name !== 'websocket') {
      await once(engine, 'upgrade');
    }
    const before = socket.id;
    const missed = [];
    socket.on('to all', (n) => missed.push(n));
    engine.close();
    for (let i = 0; i < 3; i += 1) other.emit('all later', i);
    const [recovered] = await once(socket, 'welcome');
    assert(recovered && socket.recovered && socket.id === before);
    assert.deepStrictEqual(missed, [0, 1, 2]);
  },
  async 'sends again what is not answered'(options) {
    const socket = connect('/', { ...options, retries: 3, ackTimeout: 1000 });
    const answers = [1, 2, 3].map((n) => socket.emitWithAck('message-with-ack', n));
    assert.deepStrictEqual(await Promise.all(answers), [1, 2, 3]);
  },
  async 'gets everything in order while it changes its transport'(options) {
    const socket = connect('/', options);
    const numbers = [];
    socket.on('number', (n) => numbers.push(n));
    for (let i = 0; i < 20; i += 1) {
      socket.emit('count up', 50);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await socket.emitWithAck('count');
    assert.strictEqual(numbers.length, 1000);
    numbers.forEach((n, i) => assert.strictEqual(n, i % 50));
    const last = options.transports[options.transports.length - 1];
    assert.strictEqual(socket.io.engine.transport.name, last);
  },
};

run(tests);

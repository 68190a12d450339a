// Servers of Duplex and of Node.js in one cluster, joined by a Redis that is killed and started
// again. Usage: run.js CLUSTER_SERVER [NAME...]; NODE_PATH says where the npm packages are.
// NAME: only tests whose names have it in them. Ends with "N passed, N failed".
'use strict';
const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawn } = require('child_process');
const { io } = require('socket.io-client');
const { createClient } = require('redis');
const { Emitter } = require('@socket.io/redis-emitter');
const WebSocket = require('ws');
const restart = require('./restart.js');
const { freePort, sleep, until } = require('./tools.js');

const [program, ...names] = process.argv.slice(2);

// --- Programs ------------------------------------------------------------------------------------

// A Redis that keeps what it is told, also when it is killed.
class Redis {
  constructor(port) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'duplex-cluster-'));
  }
  async start() {
    this.process = spawn('redis-server', ['--port', this.port, '--bind', '127.0.0.1', '--save', '',
      '--appendonly', 'yes', '--appendfsync', 'always', '--dir', this.folder],
    { stdio: 'ignore' });
    await until(() => this.answers(), 'redis-server answers');
  }
  async answers() {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.ping();
      await client.quit();
      return true;
    } catch {
      return false;
    }
  }
  async kill() {
    const ended = new Promise((done) => this.process.once('exit', done));
    this.process.kill('SIGKILL');
    await ended;
  }
}

class Server {
  constructor(command, ...args) {
    this.name = path.basename(command) === 'node' ? 'node' : 'duplex';
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.complaints = '';
    this.process.stderr.on('data', (data) => { this.complaints += data; });
  }
  async start() {
    let text = '';
    this.process.stdout.on('data', (data) => { text += data; });
    await until(() => text.includes('\n'), 'a server prints its port');
    this.url = `http://127.0.0.1:${parseInt(text, 10)}`;
  }
}

// --- Clients -------------------------------------------------------------------------------------

class Client {
  constructor(server, nsp) {
    this.said = [];
    this.socket = io(server.url + nsp, { forceNew: true, transports: ['websocket'] });
    this.socket.on('said', (value) => this.said.push(value));
    this.socket.on('question', (answer) => answer(`by ${this.name}`));
  }
  async ready(name) {
    this.name = name;
    await until(() => this.socket.connected, `client ${name} is connected`);
  }
  do(what, room = '', value = null) { this.socket.emit('do', what, room, value); }
  ask(what, room = '', value = null) {
    return this.socket.timeout(8000).emitWithAck('do', what, room, value);
  }
  take() { return this.said.splice(0); }
}

// Servers 0, 1, 2 with a client each in the namespace.
class Cluster {
  constructor(redis, { kind, nsp = '/', streams = 1 }) {
    const node = [process.execPath, path.join(__dirname, 'node.js')];
    this.redis = redis;
    this.nsp = nsp;
    this.servers = [node, [program], node].map((each) => (
      new Server(...each, kind, redis.url, nsp, streams)));
  }
  async start() {
    await Promise.all(this.servers.map((server) => server.start()));
    this.clients = this.servers.map((server) => new Client(server, this.nsp));
    await Promise.all(this.clients.map((client, i) => client.ready(`${this.servers[i].name}${i}`)));
    await this.settled();
  }
  // Subscriptions are made when the first events come through.
  async settled() {
    await until(async () => {
      for (const client of this.clients) client.do('all', '', 'settling');
      await sleep(150);
      return this.clients.every((client) => client.take().length >= this.clients.length);
    }, 'all hear each other');
    await sleep(200);
    for (const client of this.clients) client.take();
  }
  stop() {
    for (const client of this.clients) client.socket.close();
    for (const server of this.servers) server.process.kill('SIGKILL');
  }
  // Who has heard what, within a moment.
  async heard() {
    await sleep(150);
    return this.clients.map((client) => client.take());
  }
}

const sorted = (values) => [...values].sort();

// --- What holds for every kind -------------------------------------------------------------------

const common = {
  async 'broadcasts and rooms'({ clients, heard }) {
    for (const from of clients) {
      from.do('all', '', { from: from.name, bytes: Buffer.from([1, 2]) });
      const all = await heard();
      assert.deepStrictEqual(all.map((each) => each.length), [1, 1, 1], from.name);
      assert(Buffer.from(all[2][0].bytes).equals(Buffer.from([1, 2])));
      from.do('others', '', 1);
      const others = await heard();
      assert.deepStrictEqual(others.map((each) => each.length),
        clients.map((each) => (each === from ? 0 : 1)));
      from.do('local', '', 1);
      assert.strictEqual((await heard()).flat().length, 1);
    }
    await clients[0].ask('join', 'a');
    await clients[1].ask('join', 'a');
    for (const from of clients) {
      from.do('room', 'a', 1);
      assert.deepStrictEqual((await heard()).map((each) => each.length), [1, 1, 0], from.name);
      from.do('except', 'a', 1);
      assert.deepStrictEqual((await heard()).map((each) => each.length), [0, 0, 1], from.name);
      from.do('room', clients[2].socket.id, 1);
      assert.deepStrictEqual((await heard()).map((each) => each.length), [0, 0, 1], from.name);
    }
  },
  async 'acknowledgements of all'({ clients }) {
    for (const client of clients) await client.ask('join', 'asked');
    for (const from of clients) {
      const [status, values] = await from.ask('ask', 'asked');
      assert.strictEqual(status, 0, from.name);
      assert.deepStrictEqual(sorted(values), sorted(clients.map((each) => `by ${each.name}`)));
    }
  },
  async 'acknowledgements that do not come'({ clients }) {
    for (const client of clients) await client.ask('join', 'asked');
    clients[2].socket.off('question');
    for (const from of clients) {
      const [status, values] = await from.ask('ask', 'asked', 500);
      assert.strictEqual(status, 1, from.name);
      if (from.name.startsWith('duplex')) assert.strictEqual(values.length, 2);
    }
  },
  async 'sockets of all'({ clients }) {
    for (const client of clients) await client.ask('hold', '', `data of ${client.name}`);
    await clients[2].ask('join', 'b');
    for (const from of clients) {
      const all = await from.ask('fetch');
      assert.deepStrictEqual(sorted(all.map(([id]) => id)),
        sorted(clients.map((each) => each.socket.id)), from.name);
      assert.deepStrictEqual(sorted(all.map(([, , data]) => data)),
        sorted(clients.map((each) => `data of ${each.name}`)));
      const [[id, rooms]] = await from.ask('fetch', 'b');
      assert.deepStrictEqual([id, sorted(rooms)],
        [clients[2].socket.id, sorted(['b', clients[2].socket.id])]);
    }
  },
  async 'joins and leaves from afar'({ clients, heard }) {
    for (const client of clients) await client.ask('join', 'c');
    for (const from of clients) {
      const room = `moved by ${from.name}`;
      from.do('move', 'c', room);
      await sleep(200);
      clients[0].do('room', room, 1);
      assert.deepStrictEqual((await heard()).map((each) => each.length), [1, 1, 1], from.name);
      from.do('leave', 'c', room);
      await sleep(200);
      clients[0].do('room', room, 1);
      assert.deepStrictEqual((await heard()).map((each) => each.length), [0, 0, 0], from.name);
    }
  },
  async 'servers ask servers'({ clients, servers }) {
    for (const [i, from] of clients.entries()) {
      const [status, values] = await from.ask('servers', '', 'hello');
      assert.strictEqual(status, 0, from.name);
      const others = servers.filter((_, j) => j !== i).map(({ name }) => `${name} heard hello`);
      assert.deepStrictEqual(sorted(values), sorted(others));
    }
  },
  async 'disconnects from afar'({ clients }) {
    await clients[0].ask('join', 'd');
    await clients[2].ask('join', 'd');
    clients[1].do('kick', 'd');
    const gone = () => !clients[0].socket.connected && !clients[2].socket.connected;
    await until(gone, 'they are gone');
    assert(clients[1].socket.connected);
  },
  async 'a server that is killed costs its part'({ clients, servers }) {
    for (const client of clients) await client.ask('join', 'e');
    servers[2].process.kill('SIGSTOP');
    try {
      const from = clients.find((client) => client.name.startsWith('duplex'));
      const all = await from.ask('fetch', 'e');
      assert.strictEqual(all.length, 2);
      const [status, values] = await from.ask('ask', 'e', 1000);
      assert.deepStrictEqual([status, values.length], [1, 2]);
    } finally {
      servers[2].process.kill('SIGKILL');
    }
  },
};

const emitters = {
  async 'an emitter speaks to all'({ clients, heard, redis }) {
    const client = createClient({ url: redis.url });
    await client.connect();
    const emitter = new Emitter(client);
    await clients[0].ask('join', 'f');
    await clients[1].ask('join', 'f');
    emitter.emit('said', 1);
    assert.deepStrictEqual((await heard()).map((each) => each.length), [1, 1, 1]);
    emitter.to('f').emit('said', 2);
    assert.deepStrictEqual((await heard()).map((each) => each.length), [1, 1, 0]);
    emitter.in('f').socketsJoin('g');
    await sleep(200);
    emitter.to('g').except(clients[0].socket.id).emit('said', 3);
    assert.deepStrictEqual((await heard()).map((each) => each.length), [0, 1, 0]);
    emitter.in('f').disconnectSockets();
    await until(() => !clients[1].socket.connected, 'it is gone');
    await client.quit();
  },
};

// --- Recovery ------------------------------------------------------------------------------------

// A client by hand, so that it can come again on another server.
class Plain {
  constructor(server, auth) {
    this.heard = [];
    const url = server.url.replace('http', 'ws');
    this.socket = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket`);
    this.socket.on('error', () => {});
    this.socket.on('message', (data) => {
      const text = String(data);
      if (text === '2') this.socket.send('3');
      if (text.startsWith('0')) this.socket.send(`40${auth ? JSON.stringify(auth) : ''}`);
      if (text.startsWith('40')) this.session = JSON.parse(text.slice(2));
      if (text.startsWith('42')) this.heard.push(JSON.parse(text.slice(2)));
    });
  }
  said() { return this.heard.filter(([name]) => name === 'said').map(([, value]) => value); }
  get offset() { return this.heard.filter((each) => each.length > 2).pop()[2]; }
}

const streams = {
  async 'clients come again on another server'({ servers, clients }) {
    for (const [before, after] of [[1, 0], [0, 1], [1, 1]]) {
      const lost = new Plain(servers[before]);
      await until(() => lost.session, 'it has joined');
      clients[2].do('all', '', 'first');
      await until(() => lost.said().includes('first'), 'it has heard the first');
      lost.socket.terminate();
      await sleep(300);
      for (const client of clients) client.do('all', '', `missed of ${client.name}`);
      await sleep(300);
      const again = new Plain(servers[after], { pid: lost.session.pid, offset: lost.offset });
      await until(() => again.session, 'it has joined again');
      await sleep(200);
      const way = `${servers[before].name} to ${servers[after].name}`;
      assert.strictEqual(again.session.pid, lost.session.pid, way);
      assert.strictEqual(again.session.sid, lost.session.sid, way);
      assert.deepStrictEqual(sorted(again.said()),
        sorted(clients.map((client) => `missed of ${client.name}`)), way);
      again.socket.close();
      for (const client of clients) client.take();
    }
  },
};

// --- All of them ---------------------------------------------------------------------------------

const some = (...titles) => Object.fromEntries(titles.map((title) => [title, common[title]]));
const elsewhere = some('broadcasts and rooms', 'acknowledgements of all', 'sockets of all',
  'joins and leaves from afar', 'servers ask servers', 'disconnects from afar');

// "/lobby" and "/" have different ones of three streams.
const kinds = {
  pubsub: { kind: 'pubsub', tests: { ...common, ...emitters, ...restart.pubsub } },
  sharded: { kind: 'sharded', tests: { ...common, ...restart.pubsub } },
  streams: { kind: 'streams', tests: { ...common, ...streams, ...restart.streams } },
  'pubsub in /lobby': { kind: 'pubsub', nsp: '/lobby', tests: elsewhere },
  'sharded in /lobby': { kind: 'sharded', nsp: '/lobby', tests: elsewhere },
  'three streams in /lobby': { kind: 'streams', nsp: '/lobby', streams: 3, tests: elsewhere },
  'three streams': { kind: 'streams', streams: 3, tests: streams },
};

async function run(title, setting, name, redis) {
  const cluster = new Cluster(redis, setting);
  try {
    await cluster.start();
    cluster.heard = cluster.heard.bind(cluster);
    await setting.tests[name](cluster);
    console.log(`ok      ${title}: ${name}`);
    return true;
  } catch (error) {
    console.log(`FAILED  ${title}: ${name}\n${String(error.stack).replace(/^/gm, '        ')}`);
    for (const { name: who, complaints } of cluster.servers) {
      if (complaints) console.log(`        ${who}: ${complaints.trim()}`);
    }
    return false;
  } finally {
    if (cluster.clients) cluster.stop();
    else for (const server of cluster.servers) server.process.kill('SIGKILL');
  }
}

async function main() {
  const redis = new Redis(await freePort());
  await redis.start();
  let [passed, failed] = [0, 0];
  for (const [title, setting] of Object.entries(kinds)) {
    for (const name of Object.keys(setting.tests)) {
      const wanted = names.length === 0 || names.some((each) => `${title}: ${name}`.includes(each));
      if (wanted && await run(title, setting, name, redis)) passed += 1;
      else if (wanted) failed += 1;
    }
  }
  await redis.kill();
  fs.rmSync(redis.folder, { recursive: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

main();

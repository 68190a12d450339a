// Events of every server while Redis is killed and started again, and a server is killed meanwhile:
// what publish and subscribe lose, and that streams lose nothing.
'use strict';
const assert = require('assert');
const { sleep } = require('./tools.js');

const COUNT = 60; // events of each server, a third of them without Redis
const whole = Array.from({ length: COUNT }, (_, n) => n);
const missing = (numbers) => whole.filter((n) => !numbers.includes(n)).length;

// For each client, what it has heard of each. `meanwhile` runs when Redis has just been killed.
async function throughRestart({ clients, redis }, meanwhile = () => {}) {
  let number = 0;
  const emit = async (count) => {
    for (let i = 0; i < count; i += 1) {
      for (const client of clients) client.do('all', '', [client.name, number]);
      number += 1;
      await sleep(20);
    }
  };
  await emit(COUNT / 3);
  await redis.kill();
  meanwhile();
  await emit(COUNT / 3);
  await redis.start();
  await emit(COUNT / 3);
  await sleep(3000);
  return clients.map((client) => {
    const said = client.take();
    return clients.map((from) => said.filter(([name]) => name === from.name).map(([, n]) => n));
  });
}

function assertInOrderAndOnce(numbers, what) {
  assert.deepStrictEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b), what);
}

// Nothing of ours is missing; what Node's adapter loses is said.
function assertWhole(clients, all) {
  for (const [i, ofOne] of all.entries()) {
    for (const [j, numbers] of ofOne.entries()) {
      const what = `${clients[i].name} of ${clients[j].name}`;
      assertInOrderAndOnce(numbers, what);
      if (clients[j].name.startsWith('duplex')) assert.deepStrictEqual(numbers, whole, what);
      else console.log(`        ${what} misses ${missing(numbers)} of ${COUNT} events`);
    }
  }
}

const pubsub = {
  async 'what a restart of Redis loses is counted'(cluster) {
    const { clients } = cluster;
    const all = await throughRestart(cluster);
    for (const [i, ofOne] of all.entries()) {
      for (const [j, numbers] of ofOne.entries()) {
        const what = `${clients[i].name} of ${clients[j].name}`;
        assertInOrderAndOnce(numbers, what);
        // Ours needs no Redis for its own clients; Node's server loses some of these, too.
        const own = i === j && clients[i].name.startsWith('duplex');
        if (own) assert.deepStrictEqual(numbers, whole, what);
        else console.log(`        ${what} misses ${missing(numbers)} of ${COUNT} events`);
      }
    }
    await cluster.settled();
  },
};

const streams = {
  async 'nothing is lost when Redis is killed'(cluster) {
    assertWhole(cluster.clients, await throughRestart(cluster));
  },
  async 'nothing of the others is lost when a server is killed too'(cluster) {
    const { clients, servers } = cluster;
    const all = await throughRestart(cluster, () => servers[2].process.kill('SIGKILL'));
    assertInOrderAndOnce(all[0][2], 'of the one that is killed');
    assert(all[1][2].length >= COUNT / 3 - 1, `${all[1][2].length} of it before its end`);
    assertWhole(clients.slice(0, 2), all.slice(0, 2).map((ofOne) => ofOne.slice(0, 2)));
  },
};

module.exports = { pubsub, streams };

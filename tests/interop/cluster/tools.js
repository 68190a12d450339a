// Waiting, and ports.
'use strict';
const net = require('net');

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function until(holds, what, milliseconds = 15000) {
  const end = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`in vain: ${what}`);
    await sleep(20);
  }
}

function freePort() {
  return new Promise((done) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

module.exports = { freePort, sleep, until };

// What the clients of each version have in common: the rows that they run, and how they wait.
'use strict';

const transports = {
  polling: ['polling'],
  websocket: ['websocket'],
  upgrade: ['polling', 'websocket'],
};
const open = [];

// Opens sockets that run() closes.
function opener(io, url, common = {}) {
  return (nsp, options) => {
    const socket = io(url + nsp, { forceNew: true, reconnection: false, ...common, ...options });
    open.push(socket);
    return socket;
  };
}

function once(socket, event) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no '${event}' in time`)), 5000);
    socket.once(event, (...values) => {
      clearTimeout(late);
      resolve(values);
    });
  });
}

// Each of the tests over the transport that the command line names.
async function run(tests) {
  let passed = 0;
  let failed = 0;
  for (const [what, test] of Object.entries(tests)) {
    try {
      await test({ transports: transports[process.argv[3]] });
      passed += 1;
    } catch (error) {
      failed += 1;
      console.log(`${what}: ${error.stack}`);
    }
    open.splice(0).forEach((socket) => socket.disconnect());
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

module.exports = { once, opener, run };

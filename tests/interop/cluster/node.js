// A Socket.IO server of Node.js among others, joined by a Redis; cluster_server.cc is its like.
//   node.js pubsub|sharded|streams REDIS_URL NAMESPACE STREAMS
'use strict';
const http = require('http');
const { Server } = require('socket.io');
const { createClient } = require('redis');
const { createAdapter, createShardedAdapter } = require('@socket.io/redis-adapter');
const streams = require('@socket.io/redis-streams-adapter');

const [kind, url, name, streamCount] = process.argv.slice(2);

// Nobody looks at what becomes of an event that the adapter publishes just when Redis ends the
// connection; without this the process would end with it.
process.on('unhandledRejection', (error) => console.error('redis:', error.message));

async function client() {
  const made = createClient({ url });
  made.on('error', (error) => console.error('redis:', error.message));
  await made.connect();
  return made;
}

async function adapter() {
  if (kind === 'streams') {
    return streams.createAdapter(await client(), { streamCount: Number(streamCount) });
  }
  const [publishing, listening] = [await client(), await client()];
  const options = { requestsTimeout: 2000 };
  if (kind === 'sharded') return createShardedAdapter(publishing, listening, options);
  return createAdapter(publishing, listening, options);
}

// [status, values]: 0 is answered, 1 timed out.
function tell(ack) {
  return (error, values) => ack([error ? 1 : 0, values || []]);
}

function actions(io, socket) {
  return {
    join: (room, value, ack) => { socket.join(room); ack('ok'); },
    hold: (room, value, ack) => { socket.data = value; ack('ok'); },
    room: (room, value) => io.to(room).emit('said', value),
    all: (room, value) => io.emit('said', value),
    others: (room, value) => socket.broadcast.emit('said', value),
    except: (room, value) => io.except(room).emit('said', value),
    local: (room, value) => io.local.emit('said', value),
    ask: (room, value, ack) => io.to(room).timeout(value || 3000).emit('question', tell(ack)),
    fetch: async (room, value, ack) => {
      const all = await (room ? io.in(room) : io).fetchSockets();
      ack(all.map(({ id, rooms, data }) => [id, [...rooms], data]));
    },
    move: (room, value) => io.in(room).socketsJoin(value),
    leave: (room, value) => io.in(room).socketsLeave(value),
    kick: (room) => io.in(room).disconnectSockets(),
    servers: (room, value, ack) => io.serverSideEmit('who', value, tell(ack)),
  };
}

async function main() {
  const server = http.createServer();
  const options = { adapter: await adapter() };
  if (kind === 'streams') options.connectionStateRecovery = {};
  const io = new Server(server, options).of(name);
  io.on('who', (text, ack) => ack && ack(`node heard ${text}`));
  io.on('connection', (socket) => {
    socket.emit('welcome', socket.recovered);
    const known = actions(io, socket);
    socket.on('do', async (what, room, value, ack) => {
      try {
        await known[what](room, value, ack);
      } catch (error) {
        if (ack) ack(`error: ${error.message}`);
      }
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.on('end', () => process.exit(0)).resume();
}

main();

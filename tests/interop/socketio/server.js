// npm socket.io as a server: the events of ../socketio_server.cc.
// Usage: server.js PORT PARSER. Prints its port; ends with its stdin.
'use strict';
const { spawn } = require('child_process');
const { createServer } = require('http');
const { Server } = require('socket.io');

const [port, parser] = process.argv.slice(2);
const http = createServer();
const common = { pingInterval: 1000, pingTimeout: 1500, maxHttpBufferSize: 1e6 };
if (parser === 'msgpack') common.parser = require('socket.io-msgpack-parser');
const io = new Server(http, common);

function echo(socket) {
  socket.emit('auth', socket.handshake.auth);
  socket.on('message', (...values) => socket.emit('message-back', ...values));
  socket.on('message-with-ack', (...values) => values.pop()(...values));
}

function rooms(socket) {
  socket.on('join', (room, answer) => {
    socket.join(room);
    answer('joined');
  });
  socket.on('say', (room, text) => socket.to(room).emit('said', text));
  socket.on('count', (answer) => answer(socket.nsp.sockets.size));
}

function questions(socket) {
  socket.on('ask me', (count) => {
    for (let i = 0; i < count; i += 1) {
      socket.timeout(1000).emit('question', i, (error, ...values) => {
        socket.emit('answered', error ? 1 : 0, values);
      });
    }
  });
  socket.on('ask all', (answer) => {
    io.timeout(1000).emit('question', 7, (error, answers) => answer(error ? 1 : 0, answers));
  });
  socket.on('count up', (count) => {
    for (let i = 0; i < count; i += 1) socket.emit('number', i);
  });
  socket.on('bytes please', () => {
    const many = Buffer.alloc(100000, 7);
    socket.emit('bytes', Buffer.from([1, 2, 3]), { deep: [many] }, Buffer.alloc(0));
  });
}

const seen = new Map();
function slowness(socket) {
  socket.on('late', (time, answer) => setTimeout(() => answer('late'), time));
  // Answers who asks for the second time.
  socket.on('again', (key, answer) => {
    seen.set(key, (seen.get(key) || 0) + 1);
    if (seen.get(key) > 1) answer(seen.get(key));
  });
  // Answers, but the first time it loses the connection instead.
  socket.on('lose once', (key, answer) => {
    if (seen.has(key)) return answer('kept');
    seen.set(key, 1);
    return socket.conn.close();
  });
}

function endings(socket) {
  socket.on('kick me', (close) => socket.disconnect(close));
  socket.on('drop me', () => socket.conn.close());
  socket.on('die', () => process.kill(process.pid, 'SIGKILL'));
  socket.on('freeze', () => {
    spawn('sh', ['-c', `sleep 4; kill -CONT ${process.pid}`]);
    process.kill(process.pid, 'SIGSTOP');
  });
}

io.on('connection', (socket) => {
  for (const part of [echo, rooms, questions, slowness, endings]) part(socket);
});
io.of('/custom').on('connection', echo);
io.of('/guarded').use((socket, next) => {
  if (socket.handshake.auth.token === 'open') return next();
  const error = new Error('not authorized');
  error.data = { why: 'who are you?', code: 7 };
  return next(error);
});

const recovering = new Server(http, {
  ...common, path: '/recovering/', connectionStateRecovery: { maxDisconnectionDuration: 60000 },
});
recovering.on('connection', (socket) => {
  socket.emit('welcome', socket.recovered);
  socket.on('all later', (n) => recovering.emit('to all', n));
  socket.on('drop me', () => socket.conn.close());
});

http.listen(Number(port), '127.0.0.1', () => console.log(http.address().port));
process.stdin.on('end', () => process.exit(0)).resume();

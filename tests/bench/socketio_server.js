// The server of socketio_bench on Node: npm socket.io 4 with ws, as it comes. Prints its port.
"use strict";
const { createServer } = require("http");
const { Server } = require("socket.io");

const http = createServer();
// Clients here answer no pings: none are sent.
const io = new Server(http, { pingInterval: 3600e3, transports: ["websocket"] });

io.on("connection", (socket) => {
  socket.on("echo", (text, ack) => ack(text));
  socket.on("spread", (text) => io.emit("spread", text));
  for (let i = 0; i < 8; ++i) socket.on("unused" + i, (text, ack) => ack(text));
});

http.listen(0, "127.0.0.1", () => console.log(http.address().port));

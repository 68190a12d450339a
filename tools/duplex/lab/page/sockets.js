// WebSockets of the page and its worker.

export function webSocketUrl(path) {
  return new URL(path, self.location.href).href.replace(/^http/, 'ws');
}

// Nothing is heard of it any more. One that is still opening is closed once it has: closed before,
// the browser would complain.
export function forget(socket) {
  if (!socket) return;
  socket.onmessage = null;
  socket.onclose = null;
  if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
  else socket.close();
}

// The page's own WebSocket, /lab/socket: what it is told at its opening, and questions about TCP.

import { webSocketUrl } from './sockets.js';

const retryTime = 2000;

// Owner: the page. `greeted(hello)` is called with each opening, `told(tcp)` with each answer.
export class LabSocket {
  constructor({ greeted, told, echoed, changed }) {
    Object.assign(this, { greeted, told, echoed, changed });
    this.open();
  }

  open() {
    this.socket = new WebSocket(webSocketUrl('/lab/socket'));
    this.socket.onopen = () => {
      this.changed('open');
      this.socket.send('hello');
    };
    this.socket.onmessage = ({ data }) => this.hear(JSON.parse(data));
    this.socket.onclose = ({ code }) => {
      this.changed(`closed (${code})`);
      setTimeout(() => this.open(), retryTime);
    };
  }

  ask(question) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(question);
  }

  hear(answer) {
    if (answer.hello) this.greeted(answer.hello);
    if ('tcp' in answer) this.told(answer);
    if ('echo' in answer) this.echoed(answer.echo);
  }
}

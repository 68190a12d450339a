// The server's clock, as seen over a WebSocket: the sample with the shortest round trip of the last
// 64 is believed, and is wrong by at most half of that.

import { webSocketUrl } from './sockets.js';

const keptSamples = 64;
const firstSamples = 12;

export class ServerClock {
  // `changed` is called with {offset, error} in milliseconds: server time = performance.now() +
  // offset.
  constructor(changed) {
    this.changed = changed;
    this.samples = [];
    this.count = 0;
    this.open();
  }

  open() {
    this.socket = new WebSocket(webSocketUrl('/lab/socket'));
    this.socket.onopen = () => this.ask();
    this.socket.onmessage = (event) => this.hear(event.data);
    this.socket.onclose = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.open(), 1000);
    };
  }

  ask() {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.sent = performance.now();
    this.socket.send(`clock ${this.count}`);
  }

  hear(text) {
    const received = performance.now();
    const answer = JSON.parse(text);
    if (answer.clock !== String(this.count)) return;
    this.count += 1;
    const middle = (this.sent + received) / 2;
    this.samples.push({ offset: answer.now / 1e6 - middle, error: (received - this.sent) / 2 });
    if (this.samples.length > keptSamples) this.samples.shift();
    const best = this.samples.reduce((a, b) => (b.error < a.error ? b : a));
    this.offset = best.offset;
    this.changed(best);
    this.timer = setTimeout(() => this.ask(), this.count < firstSamples ? 20 : 1000);
  }
}

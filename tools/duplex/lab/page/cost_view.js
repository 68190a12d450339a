// What the server does in a second: requests, system calls, processor, memory.

import { byId, bytes, element, number, share } from './dom.js';

const figures = [
  { name: 'requests', per: ' /s', of: (now, before) => now.requests - before.requests },
  { name: 'messages sent', per: ' /s', of: (now, before) => now.messages_sent
    - before.messages_sent },
  { name: 'system calls', per: ' /s', of: (now, before) => now.syscalls - before.syscalls },
  { name: 'bytes sent', show: (v) => `${bytes(v)}/s`, of: (now, before) => now.bytes_sent
    - before.bytes_sent },
  { name: 'bytes received', show: (v) => `${bytes(v)}/s`, of: (now, before) => now.bytes_received
    - before.bytes_received },
  { name: 'processor', show: share, of: (now, before) => now.cpu_seconds - before.cpu_seconds },
];
const levels = [
  { name: 'connections', of: (now) => String(now.connections) },
  { name: 'of these, WebSockets', of: (now) => String(now.websockets) },
  { name: 'long polls that wait', of: (now) => String(now.parked_polls) },
  { name: 'memory of the process', of: (now) => bytes(now.resident_bytes) },
];

export class CostView {
  constructor() {
    this.cells = new Map([...figures, ...levels].map(({ name }) => {
      const cell = element('td', { class: 'n' }, '–');
      byId('cost-table').tBodies[0].append(element('tr', { 'data-figure': name },
        element('th', { scope: 'row' }, name), cell));
      return [name, cell];
    }));
  }

  takeState({ server }) {
    const now = { ...server, at: performance.now() };
    if (this.before) {
      const seconds = (now.at - this.before.at) / 1000;
      for (const { name, per, show, of } of figures) {
        const value = of(now, this.before) / seconds;
        this.cells.get(name).textContent = show ? show(value) : `${number(value)}${per}`;
      }
    }
    for (const { name, of } of levels) this.cells.get(name).textContent = of(now);
    this.before = now;
  }
}

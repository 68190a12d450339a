// The page's own WebSocket, layer by layer: what is real, and what can be seen of it from here.

import { byId, element, ipHeaderSize, milliseconds, number } from './dom.js';
import { encodeFrame, shortestForm } from './frame.js';
import { hex } from './sha1.js';

const rowNames = [
  [7, 'Application', 'the message'], [6, 'Presentation', 'UTF-8 and the frame around it'],
  [5, 'Session', 'the upgraded connection'], [4, 'Transport', 'TCP, live from TCP_INFO'],
  [3, 'Network', 'IP'], [2, 'Data link', 'Ethernet, or nothing'], [1, 'Physical', 'the cable'],
];

const isLoopback = (address) => /^(127\.|::1|\[::1\])/.test(address);

function transportText(tcp, port) {
  if (!tcp) return 'The server sees no TCP here: a Unix-domain socket, or a proxy in between.';
  return `port ${port} here, ${location.port || 80} there; round trip ${
    milliseconds(tcp.round_trip)} ± ${milliseconds(tcp.round_trip_variation)}, least ${
    milliseconds(tcp.least_round_trip)}; segments of at most ${tcp.max_segment_size} B; ${
    tcp.segments_sent} sent by the server, ${tcp.segments_received} received (${
    tcp.data_segments_sent} and ${tcp.data_segments_received} with payload); ${
    tcp.bytes_acknowledged} B acknowledged, ${tcp.bytes_received} B received; congestion window ${
    tcp.congestion_window} segments, this page's window ${number(tcp.peer_window)} B; ${
    tcp.retransmissions} repeated.`;
}

export class LayersView {
  constructor() {
    this.cells = Object.fromEntries(rowNames.map(([layer, name, what]) => {
      const cell = element('td', { 'data-layer': layer });
      byId('layers-table').tBodies[0].append(element('tr', {},
        element('th', { scope: 'row' }, `${layer} ${name}`, element('br'),
          element('span', { class: 'small' }, what)), cell));
      return [layer, cell];
    }));
    this.cells[5].textContent = 'opening';
    this.input = element('input', { id: 'layers-text', value: 'grüße', maxlength: 200 });
    byId('layers-send').append(element('label', {}, 'a message: ', this.input),
      element('button', { type: 'button', id: 'layers-button', onclick: () => this.send() },
        'Send it, and have it back'));
    this.stages = byId('layers-stages');
  }

  // `socket` asks; set before the first click.
  send() {
    this.socket.ask(`echo ${this.input.value}`);
  }

  changed(state) {
    this.cells[5].textContent = `${state}. It began as an HTTP request (see the handshake); the `
      + 'Internet has no layer of its own for this, nor for 6: both are conventions here.';
  }

  // Wraps the echo as it came, from the inside out: a server's frame has no mask.
  echoed(text) {
    const payload = new TextEncoder().encode(text);
    const form = shortestForm(payload.length);
    const frame = encodeFrame({ fin: 1, rsv1: 0, rsv2: 0, rsv3: 0, opcode: 1, masked: 0, key: [],
      length: payload.length, form, payload });
    this.cells[7].textContent = `“${text}”`;
    this.cells[6].textContent = `${hex(payload)} in UTF-8; in a frame: ${hex(frame)}`;
    const sizes = [['message', payload.length], ['+ frame', frame.length],
      ['+ TCP header, 32 B with timestamps', frame.length + 32],
      [`+ IP header, ${this.ipHeader} B`, frame.length + 32 + this.ipHeader],
      ['+ Ethernet header, 14 B', frame.length + 46 + this.ipHeader]];
    this.stages.replaceChildren(...sizes.map(([name, size]) => element('li', {},
      `${name}: ${size} B`)));
  }

  get ipHeader() { return ipHeaderSize(this.address); }

  told({ tcp, address, port }) {
    if (this.address === undefined) this.send();  // so that there is something to see
    this.address = address;
    this.cells[4].textContent = transportText(tcp, port);
    this.cells[4].dataset.segments = tcp ? tcp.segments_sent : '';
    this.cells[3].textContent = `the server sees ${address}; ${address.includes(':')
      ? 'IPv6, 40 B' : 'IPv4, 20 B'} of header for each packet`;
    const loopback = isLoopback(address);
    this.cells[2].textContent = loopback ? 'lo: a header of 14 B, all zeros; no card, no frame '
      + 'check' : 'a header of 14 B; which card, only a capture tells (duplex trace)';
    this.cells[1].textContent = loopback ? 'none: the bytes never leave this machine’s memory'
      : 'not to be seen from here';
  }
}

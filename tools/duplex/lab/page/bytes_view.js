// Bytes of an event, from its payload to the link; counted at the server's sockets, since a page
// cannot.

import { byId, bytes, element, ipHeaderSize, laneHead, lanes, svg } from './dom.js';

// Ethernet, IP and TCP with timestamps around each segment. `address` is the page's own.
const segmentSize = (address) => 14 + ipHeaderSize(address) + 32;
const parts = [
  { name: 'payload', pattern: 1 },
  { name: 'frames and heads', pattern: 0.65 },
  { name: 'of empty polls', pattern: 0.45 },
  { name: 'TCP, IP, Ethernet', pattern: 0.3 },
  { name: 'acknowledgements alone', pattern: 0.15 },
];
const clientCounts = [1, 1000, 10000, 100000];

// Per event, or nothing when there is none yet.
export function shareOut(usage, record, size, now, address) {
  const events = record.countUntil(now);
  if (!usage || events === 0) return undefined;
  const payload = size * events;
  const heads = Math.max(0, usage.bytes_received + usage.bytes_sent - payload);
  const emptyShare = record.requests > 0 ? record.empty / record.requests : 0;
  return [payload, heads * (1 - emptyShare), heads * emptyShare,
    ...[usage.data_segments, usage.bare_segments].map((n) => n * segmentSize(address))]
    .map((each) => each / events);
}

export class BytesView {
  constructor() {
    this.chart = svg('svg', { viewBox: '0 0 720 150', role: 'img', id: 'bytes-bars',
      'aria-label': 'Bytes of an event on each lane; the table below has the figures' });
    this.wire = element('input', { type: 'checkbox', id: 'whole-wire', checked: true,
      onchange: () => this.show() });
    this.clients = element('input', { type: 'range', id: 'clients', min: 0, max: 3, value: 0,
      oninput: () => this.show() });
    this.clientsText = element('output', { for: 'clients' });
    byId('bytes-chart').append(
      element('div', { class: 'row' },
        element('label', {}, this.wire, ' what the wire carries, not only what articles count'),
        element('label', {}, 'clients: ', this.clientsText, ' ', this.clients)),
      this.chart, element('p', { class: 'small' }, 'From left to right: ',
        parts.map(({ name }) => name).join(', '), '.'));
    this.rows = Object.fromEntries(lanes.map((lane) => {
      const cells = Array.from({ length: 7 }, () => element('td', { class: 'n' }, '–'));
      byId('bytes-table').tBodies[0].append(element('tr', { 'data-lane': lane.key },
        laneHead(lane), ...cells));
      return [lane.key, cells];
    }));
  }

  // What the server sees of this page: its lanes come the same way.
  told({ address }) {
    this.address = address;
  }

  // Once a second, with what /lab/state says.
  takeState(state, race) {
    // Events are as large as asked for, but never lose their numbers.
    const size = Math.max(race.settings.size, 34);
    this.rate = race.settings.rate;
    this.shares = Object.fromEntries(lanes.map(({ key }) => [key,
      shareOut(state.lanes[key], race.lanes[key], size, state.now / 1e6, this.address)]));
    this.show();
  }

  show() {
    const clients = clientCounts[this.clients.value];
    this.clientsText.textContent = clients.toLocaleString('en');
    this.clients.setAttribute('aria-valuetext', `${clients} clients`);
    if (!this.shares) return;
    const counted = this.wire.checked ? parts.length : 3;
    const sum = (key) => this.shares[key]?.slice(0, counted).reduce((a, b) => a + b, 0);
    const most = Math.max(1, ...lanes.map(({ key }) => sum(key) ?? 0));
    this.chart.replaceChildren(...lanes.flatMap((lane, i) => this.bar(lane, i, counted, most)));
    for (const { key } of lanes) {
      const all = this.shares[key];
      const texts = all ? [...all.map(bytes), `${(sum(key) / sum('ws')).toFixed(2)}×`,
        `${bytes(sum(key) * this.rate * clients)}/s`] : [];
      this.rows[key].forEach((cell, n) => { cell.textContent = texts[n] ?? '–'; });
    }
  }

  bar({ key, name }, i, counted, most) {
    const top = i * 37 + 4;
    let x = 1;  // half a stroke of the longest bar has room on either side
    const bars = (this.shares[key] ?? []).slice(0, counted).map((size, n) => {
      const width = (size / most) * 718;
      const bar = svg('rect', { x, y: top + 15, width, height: 16, class: key,
        fill: 'var(--lane)', 'fill-opacity': parts[n].pattern, stroke: 'var(--lane)',
        'stroke-width': 0.5 }, svg('title', {}, `${parts[n].name}: ${bytes(size)}`));
      x += width;
      return bar;
    });
    return [svg('text', { x: 2, y: top + 11 }, name), ...bars];
  }
}

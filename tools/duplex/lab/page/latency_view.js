// Histograms of latency, one ridge for each lane, beside what is predicted.

import { byId, element, lanes, milliseconds, svg } from './dom.js';

const width = 720;
const ridge = 74;      // height of one lane
const left = 8;
const right = 712;
const bins = 88;
const least = 0.1;     // milliseconds at the left edge
const most = 10000;
const redrawTime = 500;

const position = (time) => left
  + (right - left) * (Math.log(Math.max(time, least) / least) / Math.log(most / least));
const edge = (i) => least * (most / least) ** (i / bins);

// The share of the events that a lane's model puts below `time`.
function predictedBelow({ minimum, longest_wait: wait, immediate_share: atOnce }, time) {
  if (time < minimum) return 0;
  if (time >= minimum + wait) return 1;
  return atOnce + (1 - atOnce) * ((time - minimum) / wait);
}

function outline(heights, base, scale) {
  let path = '';
  heights.forEach((height, i) => {
    const x = position(edge(i)).toFixed(1);
    const y = (base - height * scale).toFixed(1);
    path += `${i === 0 ? 'M' : 'L'}${x} ${y}H${position(edge(i + 1)).toFixed(1)}`;
  });
  return path;
}

// Ticks with their names, each higher than the one before: p95 and p99 are often close.
export function quantileMarks(latency, base) {
  if (latency.count === 0) return [];
  return [50, 95, 99].map((percent, i) => {
    const time = latency.quantile(percent / 100);
    const x = position(time);
    const top = base - 14 - 18 * i;
    const room = x < right - 30;
    return svg('g', {}, svg('title', {}, `p${percent}: ${milliseconds(time)}`),
      svg('line', { x1: x, x2: x, y1: top, y2: base + 3, stroke: 'var(--lane)',
        'stroke-width': 2 }),
      svg('text', { x: room ? x + 3 : x - 3, y: top + 8,
        'text-anchor': room ? 'start' : 'end' }, `p${percent}`));
  });
}

export class LatencyView {
  constructor() {
    const height = ridge * lanes.length + 26;
    this.chart = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', id: 'ridges',
      'aria-label': 'Histograms of latency; the table of the race has the same in figures' });
    this.chart.append(...this.axis(height));
    this.ridges = Object.fromEntries(lanes.map(({ key, name }, i) => [key,
      this.lane(key, name, i)]));
    this.readout = element('p', { class: 'small', id: 'latency-readout' }, 'Point at a histogram '
      + 'for its counts.');
    byId('latency-chart').append(this.chart, this.readout, element('button', {
      type: 'button', id: 'copy-hgrm', onclick: () => this.copy(),
    }, 'Copy as .hgrm'));
    this.chart.addEventListener('pointermove', (event) => this.point(event));
  }

  axis(height) {
    const parts = [];
    for (const time of [0.1, 1, 10, 100, 1000, most]) {
      const x = position(time);
      parts.push(svg('line', { x1: x, x2: x, y1: 0, y2: height - 20, stroke: 'var(--line)' }),
        svg('text', { x, y: height - 6,
          'text-anchor': time === least ? 'start' : time === most ? 'end' : 'middle' },
        milliseconds(time)));
    }
    return parts;
  }

  lane(key, name, i) {
    const base = (i + 1) * ridge;
    const parts = {
      base,
      area: svg('path', { class: key, fill: 'var(--lane)', 'fill-opacity': 0.55 }),
      model: svg('path', { class: key, fill: 'none', stroke: 'var(--text)', 'stroke-width': 1.2,
        'stroke-dasharray': '3 2' }),
      marks: svg('g', { class: key }),
      label: svg('text', { x: left + 4, y: base - ridge + 16 }, name),
    };
    this.chart.append(parts.area, parts.model, parts.marks, parts.label,
      svg('line', { x1: left, x2: right, y1: base, y2: base, stroke: 'var(--line)' }));
    return parts;
  }

  draw(race) {
    const now = performance.now();
    if (this.race === race && now - this.drawn < redrawTime) return;
    this.race = race;
    this.drawn = now;
    for (const { key } of lanes) {
      this.drawLane(this.ridges[key], race.lanes[key].latency, race.plan.lanes[key]);
    }
  }

  drawLane(parts, latency, model) {
    const counts = Array.from({ length: bins }, (_, i) => latency.between(edge(i), edge(i + 1))
      / Math.max(latency.count, 1));
    const predicted = Array.from({ length: bins }, (_, i) => predictedBelow(model, edge(i + 1))
      - predictedBelow(model, edge(i)));
    // What would be higher than three quarters is cut: an atom of the model is a line.
    const scale = (ridge - 22) / Math.max(0.05, ...counts, ...predicted);
    parts.area.setAttribute('d', `${outline(counts, parts.base, scale)}V${parts.base}H${left}Z`);
    parts.model.setAttribute('d', outline(predicted, parts.base, scale));
    parts.marks.replaceChildren(...quantileMarks(latency, parts.base));
  }

  point(event) {
    if (!this.race) return;
    const box = this.chart.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    const y = ((event.clientY - box.top) / box.height) * width * (box.height / box.width);
    const lane = lanes[Math.floor(y / ridge)];
    const bin = Math.floor(((x - left) / (right - left)) * bins);
    if (!lane || bin < 0 || bin >= bins) return;
    const { latency } = this.race.lanes[lane.key];
    this.readout.textContent = `${lane.name}, ${milliseconds(edge(bin))} to ${
      milliseconds(edge(bin + 1))}: ${Math.round(latency.between(edge(bin), edge(bin + 1)))} of ${
      latency.count} events.`;
  }

  // The percentile listing of HdrHistogram, one lane after the other, in milliseconds.
  text() {
    return lanes.map(({ key }) => {
      const { latency } = this.race.lanes[key];
      const lines = [];
      for (let left_ = 1; left_ > 0.0005; left_ /= 2 ** 0.2) {
        const at = 1 - left_;
        lines.push(`${latency.quantile(at).toFixed(3).padStart(12)} ${at.toFixed(12)} ${
          String(Math.round(at * latency.count)).padStart(12)} ${(1 / left_).toFixed(2)
          .padStart(12)}`);
      }
      return `#[Tag = ${key}, unit = ms]\n       Value     Percentile   TotalCount `
        + `1/(1-Percentile)\n\n${lines.join('\n')}\n#[Mean    = ${latency.mean.toFixed(3)}]\n`;
    }).join('\n');
  }

  async copy() {
    if (!this.race) return;
    try {
      await navigator.clipboard.writeText(this.text());
      this.readout.textContent = 'Copied.';
    } catch (error) {
      this.readout.textContent = `Not copied: ${error.message}`;
    }
  }
}

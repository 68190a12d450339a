// The lanes as they run, and the table of their latencies.

import { byId, colour, element, laneHead, lanes, milliseconds, number, share } from './dom.js';
import { Picture } from './picture.js';

const shownTime = 5000;  // milliseconds across the canvas
const lag = 150;         // so that what is drawn has arrived

export class RaceView {
  constructor(clock) {
    this.picture = new Picture(byId('lanes'), clock);
    this.rows = Object.fromEntries(lanes.map((lane) => {
      const cells = Array.from({ length: 8 }, () => element('td', { class: 'n' }, '–'));
      byId('results').tBodies[0].append(element('tr', { 'data-lane': lane.key }, laneHead(lane),
        ...cells));
      return [lane.key, cells];
    }));
    for (const head of byId('results').tHead.rows[0].cells) {
      if (head.cellIndex > 0) head.className = 'n';
    }
  }

  showTable(race) {
    for (const { key } of lanes) {
      const { latency, requests, empty } = race.lanes[key];
      const predicted = race.plan.lanes[key];
      const texts = [
        milliseconds(latency.mean),
        // In step, the phase at the start decides: anything between the least and the longest.
        `${predicted.keeps_step ? '≈ ' : ''}${milliseconds(predicted.mean)}`,
        ...[0.5, 0.95, 0.99].map((at) => milliseconds(latency.quantile(at))),
        String(latency.count), requests > 0 ? String(requests) : '–',
        requests > 0 ? share(empty / requests) : '–',
      ];
      texts.forEach((text, i) => { this.rows[key][i].textContent = text; });
      // For whoever reads the page by program.
      this.rows[key][0].dataset.ms = number(latency.mean);
    }
  }

  draw(race) {
    const drawing = this.picture.begin();
    if (!drawing) return;
    const { pen, width, height, now } = drawing;
    const end = now - lag;
    const x = (time) => width * (1 + (time - end) / shownTime);
    const lane = height / lanes.length;
    lanes.forEach(({ key, name }, i) => {
      this.drawLane(pen, race, { key, name, x, width, top: i * lane + 22,
        bottom: (i + 1) * lane - 8 });
    });
  }

  drawLane(pen, race, at) {
    pen.strokeStyle = colour('line');
    pen.lineWidth = 1;
    pen.beginPath();
    for (const y of [at.top, at.bottom]) {
      pen.moveTo(0, y);
      pen.lineTo(at.width, y);
    }
    pen.stroke();
    pen.fillStyle = colour('text');
    pen.font = '12px system-ui, sans-serif';
    pen.fillText(at.name, 6, at.top - 6);
    const record = race.lanes[at.key];
    const delay = race.settings.delay;
    this.drawPolls(pen, record.polls, at, delay);
    this.drawEvents(pen, record.deliveries, at, delay);
  }

  // Up to the server, and back: grey when there was nothing.
  drawPolls(pen, polls, { x, top, bottom }, delay) {
    pen.strokeStyle = colour('dim');
    pen.lineWidth = 1;
    for (const { sent, at, empty } of polls) {
      pen.globalAlpha = 0.5;
      pen.beginPath();
      pen.moveTo(x(sent), bottom);
      pen.lineTo(x(sent + delay), top);
      if (empty) {
        pen.moveTo(x(at - delay), top);
        pen.lineTo(x(at), bottom);
      }
      pen.stroke();
      pen.globalAlpha = 1;
    }
  }

  // Generated, waiting at the server, crossing, here.
  drawEvents(pen, deliveries, { key, x, top, bottom }, delay) {
    pen.strokeStyle = colour(key);
    pen.fillStyle = colour(key);
    for (const { at, events } of deliveries) {
      const leaves = Math.max(at - delay, events[0].generated);
      pen.lineWidth = 3;
      pen.beginPath();
      pen.moveTo(x(events[0].generated), top);
      pen.lineTo(x(leaves), top);
      pen.stroke();
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.moveTo(x(leaves), top);
      pen.lineTo(x(at), bottom);
      pen.stroke();
      pen.beginPath();
      for (const { generated } of events) {
        pen.moveTo(x(generated) + 3, top);
        pen.arc(x(generated), top, 3, 0, 2 * Math.PI);
      }
      pen.moveTo(x(at) + 3, bottom);
      pen.arc(x(at), bottom, 3, 0, 2 * Math.PI);
      pen.fill();
    }
  }
}

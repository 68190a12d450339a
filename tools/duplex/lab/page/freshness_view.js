// How old what a lane holds is: a sawtooth for each, with its mean.

import { byId, colour, element, laneHead, lanes, milliseconds, share } from './dom.js';
import { Picture } from './picture.js';

const shownTime = 6000;  // milliseconds across
const lag = 150;

export class FreshnessView {
  constructor(clock) {
    this.picture = new Picture(byId('ages'), clock);
    this.rows = Object.fromEntries(lanes.map((lane) => {
      const cells = Array.from({ length: 4 }, () => element('td', { class: 'n' }, '–'));
      byId('freshness-table').tBodies[0].append(element('tr', { 'data-lane': lane.key },
        laneHead(lane), ...cells));
      return [lane.key, cells];
    }));
  }

  showTable(race) {
    for (const { key } of lanes) {
      const { age } = race.lanes[key];
      const predicted = race.plan.lanes[key];
      [milliseconds(age.mean), milliseconds(predicted.age), share(age.staleShare),
        share(1 - predicted.fresh_share)].forEach((text, i) => {
        this.rows[key][i].textContent = text;
      });
    }
  }

  draw(race) {
    const drawing = this.picture.begin();
    if (!drawing) return;
    const { pen, width, height, now } = drawing;
    const end = now - lag;
    const highest = 1.1 * Math.max(10, ...lanes.flatMap(({ key }) => {
      const { corners } = race.lanes[key].age;
      return corners.slice(1).map(({ at }, i) => at - corners[i].generated);
    }));
    const x = (time) => width * (1 + (time - end) / shownTime);
    const y = (age) => height - 4 - (height - 20) * (age / highest);
    pen.fillStyle = colour('dim');
    pen.font = '11px system-ui, sans-serif';
    pen.fillText(`${milliseconds(highest)} old`, 4, 12);
    for (const { key } of lanes) this.drawLane(pen, race.lanes[key].age, { key, x, y, end, width });
  }

  drawLane(pen, age, { key, x, y, end, width }) {
    pen.strokeStyle = colour(key);
    pen.lineWidth = 1.5;
    pen.beginPath();
    let before;
    for (const corner of age.corners) {
      if (before) pen.lineTo(x(corner.at), y(corner.at - before.generated));
      pen.lineTo(x(corner.at), y(corner.at - corner.generated));
      before = corner;
    }
    if (before && end > before.at) pen.lineTo(x(end), y(end - before.generated));
    pen.stroke();
    if (!Number.isFinite(age.mean)) return;
    pen.setLineDash([5, 4]);
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(0, y(age.mean));
    pen.lineTo(width, y(age.mean));
    pen.stroke();
    pen.setLineDash([]);
  }
}

// A race: what has been delivered on each lane since it began, and what was predicted.

import { Age } from './age.js';
import { lanes } from './dom.js';
import { Histogram } from './histogram.js';

const keptTime = 12000;  // milliseconds of single events, for drawing

class LaneRecord {
  constructor() {
    this.latency = new Histogram();
    this.age = new Age();
    this.deliveries = [];  // {at, events: [{id, generated}]}, the last seconds
    this.polls = [];       // {sent, at, empty}
    this.requests = 0;
    this.empty = 0;
  }

  deliver(at, events) {
    for (const event of events) this.latency.add(at - event.generated);
    this.age.deliver(at, events);
    this.deliveries.push({ at, events });
    while (this.deliveries[0].at < at - keptTime) this.deliveries.shift();
  }

  // How many events had come by then; of the last seconds only, it can be told.
  countUntil(time) {
    const later = this.deliveries.filter(({ at }) => at > time);
    return later.reduce((count, { events }) => count - events.length, this.latency.count);
  }

  poll({ sent, empty }, at) {
    this.requests += 1;
    if (empty) this.empty += 1;
    this.polls.push({ sent, at, empty });
    while (this.polls[0].at < at - keptTime) this.polls.shift();
  }
}

// Owner: the page. Times are milliseconds of the server's clock.
export class Race {
  constructor(settings, plan) {
    this.settings = settings;
    this.plan = plan;
    this.lanes = Object.fromEntries(lanes.map(({ key }) => [key, new LaneRecord()]));
  }

  take(batch) {
    for (const { lane, at, events, poll } of batch) {
      if (poll) this.lanes[lane].poll(poll, at);
      else this.lanes[lane].deliver(at, events);
    }
  }
}

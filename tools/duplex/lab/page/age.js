// Age of information: how old the newest event is that a lane holds; and the share of the time in
// which it is not the newest there is. Exact, from the sawtooth.

export class Age {
  constructor() {
    this.area = 0;      // of the age over time
    this.time = 0;      // that it covers
    this.stale = 0;     // of it, with a newer event on its way
    this.staleUntil = -Infinity;
    this.corners = [];  // {at, generated}, the last seconds
  }

  // Something newer than `generated` of before: all other deliveries change nothing.
  deliver(at, events) {
    const first = events[0].generated;
    const { generated } = events[events.length - 1];
    const before = this.corners[this.corners.length - 1];
    if (before) {
      if (generated <= before.generated) return;
      const span = at - before.at;
      this.area += span * ((before.at - before.generated) + (at - before.generated)) / 2;
      this.time += span;
      // Times in which several are under way count once.
      this.stale += Math.max(0, at - Math.max(first, this.staleUntil, before.at));
    }
    this.staleUntil = Math.max(this.staleUntil, at);
    this.corners.push({ at, generated });
    while (this.corners[0].at < at - 12000) this.corners.shift();
  }

  get mean() { return this.area / this.time; }

  get staleShare() { return this.stale / this.time; }
}

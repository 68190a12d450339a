// A canvas that is drawn anew with each frame; without motion, every other second.

import { wantsLessMotion } from './dom.js';

const restTime = 2000;  // milliseconds

// Owner: a view. Times are those of the clock it is given.
export class Picture {
  constructor(canvas, clock) {
    this.canvas = canvas;
    this.clock = clock;
  }

  // A clean canvas {pen, width, height, now} in CSS pixels; nothing while the old one shall stay.
  begin() {
    const { canvas } = this;
    const now = this.clock.now();
    // By the page's own clock: the server's jumps when it becomes known.
    const drawn = performance.now();
    if (wantsLessMotion() && drawn - this.drawn < restTime) return undefined;
    this.drawn = drawn;
    const scale = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
    if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
    const pen = canvas.getContext('2d');
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    return { pen, width, height, now };
  }
}

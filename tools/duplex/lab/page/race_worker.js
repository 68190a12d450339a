// A worker for the lanes and the clock, so that painting does not delay what is measured.
// In: {start: plan} and {stop: true}. Out: {clock}, {batch}, {failed}.

import { ServerClock } from './clock.js';
import { EventStreamLane, LongPollLane, ShortPollLane, WebSocketLane } from './transports.js';

const kinds = { ws: WebSocketLane, sse: EventStreamLane, lp: LongPollLane, sp: ShortPollLane };
const batchTime = 40;  // milliseconds between reports to the page

let running = [];
let batch = [];
let generation = 0;

const clock = new ServerClock(({ offset, error }) => {
  // In milliseconds of the page's clock, whose origin is another.
  postMessage({ clock: { offset, error, origin: performance.timeOrigin } });
});

function stop() {
  generation += 1;
  for (const lane of running) lane.close();
  running = [];
  batch = [];
}

// Times leave as those of the server's clock.
function sinkOf(key) {
  return {
    delivered(at, events) {
      batch.push({ lane: key, at: at + clock.offset, events });
    },
    polled(sent, answered, empty) {
      batch.push({ lane: key, poll: { sent: sent + clock.offset, empty },
        at: answered + clock.offset });
    },
  };
}

function start(plan) {
  stop();
  const mine = generation;
  const failed = (status, text) => {
    if (mine === generation) postMessage({ failed: { status, text } });
  };
  running = Object.entries(kinds).map(([key, Kind]) => new Kind(key, plan, sinkOf(key), failed));
  for (const lane of running) lane.open();
}

// Latencies mean nothing before the clocks have been compared.
function startWhenClockIsKnown(plan, mine = generation) {
  if (mine !== generation) return;
  if (clock.samples.length >= 8) start(plan);
  else setTimeout(() => startWhenClockIsKnown(plan, mine), 20);
}

onmessage = ({ data }) => {
  stop();
  if (data.start) startWhenClockIsKnown(data.start);
};

setInterval(() => {
  if (batch.length === 0) return;
  postMessage({ batch });
  batch = [];
}, batchTime);

// The lab page: settings make a race, a worker runs it, views show it.

import { BytesView } from './bytes_view.js';
import { ChatView } from './chat_view.js';
import { CostView } from './cost_view.js';
import { byId, element, milliseconds } from './dom.js';
import { FreshnessView } from './freshness_view.js';
import { HandshakeView } from './handshake_view.js';
import { LabSocket } from './lab_socket.js';
import { LatencyView } from './latency_view.js';
import { LayersView } from './layers_view.js';
import { MicroscopeView } from './microscope_view.js';
import { Race } from './race.js';
import { RaceView } from './race_view.js';
import { Settings } from './settings.js';

const tableTime = 250;  // milliseconds between new figures
const longestRace = 9.5 * 60 * 1000;  // the server ends one after ten minutes

// The server's clock in milliseconds, from what the worker says of it.
const clock = {
  offset: 0,
  now() { return performance.now() + this.offset; },
  take({ offset, error, origin }) {
    this.offset = offset + (performance.timeOrigin - origin);
    this.error = error;
  },
};

// One notice for each subject, until it is over.
const notices = new Map();
function notice(subject, text) {
  if (text) notices.set(subject, text);
  else notices.delete(subject);
  byId('notices').replaceChildren(...[...notices.values()].map((each) => element('span', {},
    `${each} `)));
}

const worker = new Worker('/lab/race_worker.js', { type: 'module' });
const bytesView = new BytesView();
const views = [new RaceView(clock), new LatencyView(), new FreshnessView(clock), bytesView,
  new CostView()];
const settings = new Settings(() => begin(), () => begin());
let race;
let asked = 0;
let restart;

async function begin() {
  asked += 1;
  const mine = asked;
  clearTimeout(restart);
  worker.postMessage({ stop: true });
  if (settings.paused || document.hidden) return;
  try {
    const response = await fetch(`/lab/plan?${settings.query()}`, { cache: 'no-store' });
    if (mine !== asked) return;
    if (!response.ok) throw new Error(await response.text());
    const plan = await response.json();
    if (mine !== asked) return;
    race = new Race({ ...settings.values }, plan);
    worker.postMessage({ start: plan });
    notice('race');
    restart = setTimeout(begin, longestRace);
  } catch (error) {
    notice('race', `No race: ${error.message} Trying again.`);
    restart = setTimeout(begin, 2000);
  }
}

worker.onmessage = ({ data }) => {
  if (data.clock) clock.take(data.clock);
  if (data.batch && race) race.take(data.batch);
  if (data.failed) {
    notice('race', `The server ended the race: ${data.failed.text}`);
    clearTimeout(restart);
    restart = setTimeout(begin, 2000);
  }
};

// A hidden page is given no time: what it measured would be its own delay.
document.addEventListener('visibilitychange', begin);

// The smallest step of the clock that latencies are read from.
function clockStep() {
  let step = Infinity;
  const end = performance.now() + 20;
  for (let last = performance.now(); last < end;) {
    const now = performance.now();
    if (now > last) step = Math.min(step, now - last);
    last = now;
  }
  return step;
}
const step = clockStep();

function showClock() {
  byId('clock').textContent = `The page's clock has steps of ${milliseconds(step)}`
    + `${crossOriginIsolated ? '' : ' (the page is not isolated)'}; it knows the server's to ± ${
      milliseconds(clock.error ?? NaN)}. Six connections at a time are all a browser gives to one `
    + 'host over HTTP/1.1; WebSockets count apart. This page takes three, and a '
    + 'fourth for a moment each second.';
}

// Two tabs of this page share the six connections.
const others = new BroadcastChannel('duplex-lab');
others.onmessage = ({ data }) => {
  if (data === 'new') others.postMessage('here');
  notice('tabs', 'Another tab shows this page: both share six connections, and the processor.');
};
others.postMessage('new');

setInterval(() => {
  if (!race) return;
  for (const view of views) view.showTable?.(race);
  showClock();
}, tableTime);

// What a page cannot count: the server says it, once a second.
async function askState() {
  if (!race || document.hidden) return;
  const asking = race;
  try {
    const response = await fetch(`/lab/state?${race.plan.query}`, { cache: 'no-store' });
    if (!response.ok) throw new Error(await response.text());
    const state = await response.json();
    if (asking === race) for (const view of views) view.takeState?.(state, race);
    notice('state');
  } catch (error) {
    notice('state', `The server does not say what it does: ${error.message}`);
  }
}
setInterval(askState, 1000);

const layers = new LayersView();
const handshake = new HandshakeView();
layers.socket = new LabSocket({
  greeted: (hello) => handshake.greet(hello),
  told: (answer) => {
    layers.told(answer);
    bytesView.told(answer);
  },
  echoed: (text) => layers.echoed(text),
  changed: (state) => layers.changed(state),
});
setInterval(() => { if (!document.hidden) layers.socket.ask('tcp'); }, 1000);
const tools = [new MicroscopeView(), new ChatView()];

function frame() {
  if (race && !document.hidden) for (const view of views) view.draw?.(race);
  requestAnimationFrame(frame);
}
frame();
begin();
document.body.dataset.panels = views.length + tools.length + 2;

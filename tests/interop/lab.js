// The lab page of `duplex serve` in headless Chromium: every panel does its work, and nothing is
// complained of. Usage: node lab.js CHROMIUM URL [FOLDER for screenshots]
'use strict';
const assert = require('assert');
const path = require('path');
const { Page } = require('./chromium.js');

const [program, url, folder] = process.argv.slice(2);
const ready = 'document.body?.dataset.panels !== undefined';

const find = (selector) => `document.querySelector(${JSON.stringify(selector)})`;
const text = (selector) => `${find(selector)}.textContent`;
const cell = (table, lane, n) => `${find(`#${table} [data-lane=${lane}]`)}.cells[${n}].textContent`;
// Of a cell with a unit: "1.50 s" is 1500.
const figure = (table, lane, n) => `((words) => {
  const [value, unit] = words.split(' ');
  return parseFloat(value) * ({ s: 1000, 'µs': 0.001, KiB: 1024 }[unit] ?? 1);
})(${cell(table, lane, n)})`;
const click = (page, selector) => page.evaluate(`${find(selector)}.click()`);

// 20 ms away, ten random events a second, polls every 250 ms: pushes, long polls, short polls.
async function race(page) {
  const means = {};
  for (const lane of ['ws', 'sse', 'lp', 'sp']) {
    await page.until(`${figure('results', lane, 6)} >= 60`);
    means[lane] = await page.evaluate(figure('results', lane, 1));
  }
  console.log('means', JSON.stringify(means));
  assert(means.ws >= 20 && means.sse >= 20, 'nothing is faster than the link');
  assert(means.ws < means.lp && means.sse < means.lp, 'pushes are faster than long polls');
  assert(means.lp < means.sp, 'long polls are faster than short ones');
  assert(await page.evaluate('crossOriginIsolated'), 'the page is isolated');
  assert.match(await page.evaluate(text('#clock')), /steps of 5\.\d+ µs/);
}

async function latency(page) {
  for (const lane of ['ws', 'sse', 'lp', 'sp']) {
    await page.until(`${find(`#ridges path.${lane}`)}.getAttribute('d').length > 500`);
  }
  await page.evaluate(`${find('#ridges')}.dispatchEvent(new PointerEvent('pointermove', {
    clientX: ${find('#ridges')}.getBoundingClientRect().x + 300,
    clientY: ${find('#ridges')}.getBoundingClientRect().y + 30 }))`);
  assert.match(await page.evaluate(text('#latency-readout')), /^WebSocket, .* of \d+ events/);
  const marks = "[...document.querySelectorAll('#ridges g.ws text')]";
  assert.strictEqual(await page.evaluate(`${marks}.map((mark) => mark.textContent).join()`),
    'p50,p95,p99');
}

async function freshness(page) {
  const age = (lane) => page.evaluate(figure('freshness-table', lane, 1));
  assert(await age('ws') < await age('sp'), 'a push is fresher than a poll');
  assert.strictEqual(await page.evaluate(cell('freshness-table', 'ws', 2)), '120 ms');
}

async function wire(page) {
  const of = (lane, n) => page.evaluate(figure('bytes-table', lane, n));
  await page.until(`${figure('bytes-table', 'sp', 2)} > 0`);
  assert.strictEqual(await of('ws', 1), 64);
  const frames = await of('ws', 2);
  assert(frames > 1 && frames < 8, `a frame has a head of two bytes: ${frames}`);
  const lines = await of('sse', 2);
  assert(lines > 2 * frames, `an event stream has longer ones: ${lines}`);
  // On a busy machine a poll brings several events, which share its heads.
  const heads = await of('lp', 2);
  assert(heads > 3 * lines, `a poll has those of HTTP: ${heads}`);
  assert(await of('lp', 6) > 1, 'and costs more than a push');
}

async function cost(page) {
  const of = (name) => page.evaluate(`parseFloat(${text(`[data-figure="${name}"] td`)})`);
  await page.until(`parseFloat(${text('[data-figure="requests"] td')}) > 0`);
  assert(await of('system calls') > 0);
  assert(await of('of these, WebSockets') >= 4);
  assert(await of('memory of the process') > 0);
}

async function layers(page) {
  const segments = `Number(${find('[data-layer="4"]')}.dataset.segments)`;
  await page.until(`${segments} > 0`);
  const before = await page.evaluate(segments);
  await page.evaluate(`${find('#layers-text')}.value = 'Füße'`);
  await click(page, '#layers-button');
  await page.until(`${text('[data-layer="7"]')} === '“Füße”'`);
  assert.match(await page.evaluate(text('[data-layer="6"]')), /frame: 81 06 46 c3 bc c3 9f 65$/);
  await page.until(`${segments} > ${before}`);
}

async function handshake(page) {
  assert.strictEqual(await page.evaluate(`${find('#handshake-own')}.dataset.same`), 'true');
  // The sample of RFC 6455 section 1.3.
  assert.match(await page.evaluate(text('#derivation')), /s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
}

async function microscope(page) {
  const answers = { 'without a mask': '1002', ping: '', 'close 1000': '', 'a reserved bit': '1002',
    'a reserved opcode': '1002', 'a fragmented ping': '1002', 'not UTF-8': '1007',
    'a long form of a short length': '1002', 'too large': '1009', Hello: '' };
  for (const [sample, code] of Object.entries(answers)) {
    await page.evaluate(`${find('#frame-answer')}.replaceChildren()`);
    await click(page, `[data-sample="${sample}"]`);
    await click(page, '#frame-send');
    await page.until(`${find('#frame-answer')}.children.length > 0`);
    assert.strictEqual(await page.evaluate(`${find('#frame-answer')}.dataset.code`), code, sample);
  }
  assert.match(await page.evaluate(text('#frame-answer')), /81 05 48 65 6c 6c 6f/);
  // A bit, by the keyboard; then the bytes, which bring the bits along.
  await page.evaluate(`${find('[data-bit=rsv1]')}.focus()`);
  await page.press('Space');
  assert.match(await page.evaluate(`${find('#frame-bytes')}.value`), /^c1 85/);
  assert.strictEqual(await page.evaluate('document.activeElement.dataset.bit'), 'rsv1');
  await page.evaluate(`${find('#frame-bytes')}.value = '0980'`);
  await page.evaluate(`${find('#frame-bytes')}.dispatchEvent(new Event('input'))`);
  await page.evaluate(`${find('#frame-bytes')}.value = '098000000000'`);
  await page.evaluate(`${find('#frame-bytes')}.dispatchEvent(new Event('input'))`);
  assert.match(await page.evaluate(text('[data-bit=fin]')), /FIN0/);
}

async function chat(page) {
  const say = async (words) => {
    await page.evaluate(`${find('#chat-text')}.focus()`);
    await page.type(words);
    await page.press('Enter');
  };
  const heard = (words) => page.until(`${text('#chat-log')}.includes(${JSON.stringify(words)})`);
  const enter = async (room) => {
    await page.evaluate(`${find('#chat-room')}.value = '${room}'`);
    await page.evaluate(`${find('#chat-room')}.dispatchEvent(new Event('change'))`);
    await page.until(`${find('#chat-log')}.children.length === 0`);
  };
  // A room of its own: the others remember who was there before.
  await enter(`test ${process.pid}`);
  await page.until(`${text('#chat-state')} === 'Connected.'
    && ${text('#chat-present')}.startsWith('Here: ')`);
  await say('hello <b>everybody</b>');
  await heard('hello <b>everybody</b>');
  await click(page, '#chat-cable');
  await page.until(`${text('#chat-state')}.startsWith('Lost (1006)')`);
  await say('said without a cable');
  await heard('said without a cable');
  assert.strictEqual(await page.evaluate(`${find('#chat-log')}.children.length`), 2);
  await enter(`elsewhere ${process.pid}`);
}

// Sliders by the keyboard, presets, pause, a hidden page.
async function settings(page) {
  const running = `${figure('results', 'ws', 6)}`;
  await click(page, '[data-preset="Wind 4 Hz"]');
  await page.until(`${cell('results', 'ws', 2)} === '150 ms'`);
  assert.strictEqual(await page.evaluate(cell('results', 'lp', 2)), '300 ms');
  await page.until(`${running} >= 2`);
  await page.evaluate(`${find('#set-delay')}.focus()`);
  await page.press('ArrowRight');
  await page.until(`${cell('results', 'ws', 2)} === '250 ms'`);
  await page.until(`${running} >= 2`);
  const stops = async (how) => {
    await how();
    const before = await page.evaluate(running);
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    assert(await page.evaluate(running) <= before + 2, 'no events come while it rests');
  };
  await stops(() => click(page, '#pause'));
  await click(page, '#pause');
  await page.until(`${running} >= 2`);
  const hide = (hidden) => page.evaluate(`Object.defineProperty(document, 'hidden',
    { value: ${hidden}, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'))`);
  await stops(() => hide(true));
  await hide(false);
  await page.until(`${running} >= 2`);
}

async function secondTab(page) {
  await page.send('Target.createTarget', { url });
  await page.until(`${text('#notices')}.includes('Another tab')`);
}

// Everything that can be done can be reached by the Tab key, and is shown when it is.
async function keyboard(page) {
  const wanted = await page.evaluate(`[...document.querySelectorAll(
    'a[href], button, input, select, textarea, summary')].length`);
  const reached = new Set();
  await page.evaluate('window.scrollTo(0, 0); document.activeElement.blur()');
  for (let i = 0; i < wanted + 20; i += 1) {
    await page.press('Tab');
    reached.add(await page.evaluate(`(() => {
      const all = [...document.querySelectorAll('*')];
      return all.indexOf(document.activeElement);
    })()`));
  }
  assert(reached.size >= wanted, `${reached.size} of ${wanted} were reached`);
}

// Nothing is wider than a telephone.
async function narrow() {
  const page = await Page.open(program, url, { width: 360, height: 740 });
  try {
    await page.until(ready);
    await page.until(`${figure('results', 'sp', 6)} >= 1`);
    assert.strictEqual(await page.evaluate('document.documentElement.scrollWidth'), 360);
    assert.deepStrictEqual(await page.evaluate(`[...document.querySelectorAll('body *')]
      .filter((each) => each.getBoundingClientRect().right > innerWidth + 1
        && !each.closest('.scroll')).map((each) => each.outerHTML.slice(0, 80))`), []);
    assert.deepStrictEqual(await page.evaluate(`[...document.querySelectorAll('svg text')]
      .filter((each) => each.getBoundingClientRect().height < 10)
      .map((each) => each.textContent)`), [], 'too small to read');
    if (folder) await page.screenshot(path.join(folder, 'lab-narrow.png'));
    assert.deepStrictEqual(page.errors, []);
  } finally {
    await page.close();
  }
}

// The shortest time between two pictures of the lanes, of the next few; in milliseconds.
async function shortestRest(reducedMotion) {
  const page = await Page.open(program, url, { reducedMotion });
  try {
    await page.until(ready);
    await page.evaluate(`(() => {
      window.drawn = [];
      const { clearRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        if (this.canvas.id === 'lanes') window.drawn.push(performance.now());
        return clearRect.apply(this, box);
      };
    })()`);
    await page.until('drawn.length >= 4');
    return await page.evaluate('Math.min(...drawn.slice(1).map((at, i) => at - drawn[i]))');
  } finally {
    await page.close();
  }
}

async function motion() {
  assert(await shortestRest(false) < 1000, 'the lanes move');
  assert(await shortestRest(true) > 1000, 'but not for whom that is too much');
}

const panels = { race, latency, freshness, wire, cost, layers, handshake, microscope, chat };
const rest = { settings, keyboard, secondTab, narrow, motion };

async function main() {
  const page = await Page.open(program, url);
  try {
    await page.until(ready);
    for (const [name, look] of Object.entries({ ...panels, ...rest })) {
      await look(page);
      if (folder && name in panels) {
        await page.screenshot(path.join(folder, `lab-${name}.png`), `#${name}`);
      }
      console.log('ok', name);
    }
    assert.deepStrictEqual(page.errors, []);
  } finally {
    if (page.errors.length > 0) console.log(page.errors);
    await page.close();
  }
}

main().catch((error) => {
  console.log(error);
  process.exitCode = 1;
});

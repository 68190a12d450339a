// What a race can be set to: sliders, presets, pause.

import { byId, element, milliseconds } from './dom.js';

// Sliders go by steps; what is too wide for equal steps has a list.
const rates = [0.2, 0.5, 1, 2, 4, 10, 20, 30, 50, 100];
const polls = [20, 50, 100, 250, 500, 1000, 2000, 5000];
const delays = [0, 1, 5, 10, 20, 50, 90, 125, 150, 250, 500];
const sizes = [0, 20, 64, 128, 256, 512, 1024];

const sliders = [
  { name: 'rate', text: 'events per second', values: rates, show: (v) => `${v}/s` },
  { name: 'poll', text: 'poll interval', values: polls, show: milliseconds },
  { name: 'delay', text: 'link delay, each way', values: delays, show: milliseconds },
  { name: 'size', text: 'size of an event', values: sizes, show: (v) => `${v} B` },
];

export const presets = [
  { name: 'Lab', about: 'The settings that the bench has by itself: make run.',
    set: { rate: 10, dist: 'poisson', poll: 250, delay: 20, size: 64 } },
  { name: 'Quantum leap', about: 'Lubbers and Greco, 2010: a stock ticker, polled once a second.',
    set: { rate: 1, dist: 'periodic', poll: 1000, delay: 50, size: 20 } },
  { name: 'Wind 4 Hz', about: 'Pimentel and Nickerson, 2012: a wind sensor, 150 ms away. Beyond '
      + '125 ms of delay long polling falls behind.',
    set: { rate: 4, dist: 'periodic', poll: 250, delay: 150, size: 64 } },
  { name: 'Three transits', about: 'RFC 6202: an event that just missed an answer waits for the '
      + 'answer, the next poll and its own way: three transits.',
    set: { rate: 30, dist: 'poisson', poll: 1000, delay: 50, size: 64 } },
  { name: 'Phase lock', about: 'Polls that keep step with the feed: a constant latency, decided by '
      + 'when they began.',
    set: { rate: 4, dist: 'periodic', poll: 250, delay: 0, size: 64 } },
  { name: 'Crossover', about: 'Many events in each answer: polling costs fewer bytes than a push.',
    set: { rate: 100, dist: 'poisson', poll: 250, delay: 20, size: 20 } },
];

// Owner: the page. Calls `changed(settings)` after each change, `paused(bool)` for the pause.
export class Settings {
  constructor(changed, paused) {
    this.values = { ...presets[0].set };
    this.changed = changed;
    this.paused = false;
    this.onPaused = paused;
    this.inputs = {};
    byId('settings').append(this.presetRow(), this.sliderGrid(), this.buttonRow(),
      this.about = element('p', { class: 'small', id: 'preset-about', 'aria-live': 'polite' }));
    this.show();
  }

  presetRow() {
    this.presetButtons = presets.map((preset) => element('button', {
      type: 'button', 'data-preset': preset.name, onclick: () => this.set(preset.set),
    }, preset.name));
    return element('div', { class: 'row', role: 'group', 'aria-label': 'Presets' },
      ...this.presetButtons);
  }

  sliderGrid() {
    const labels = sliders.map((slider) => {
      const input = element('input', {
        type: 'range', min: 0, max: slider.values.length - 1, step: 1, id: `set-${slider.name}`,
        oninput: () => this.set({ [slider.name]: slider.values[input.value] }),
      });
      const output = element('output', { for: input.id });
      this.inputs[slider.name] = { input, output, slider };
      return element('label', {}, `${slider.text}: `, output, input);
    });
    return element('div', { class: 'sliders' }, ...labels);
  }

  buttonRow() {
    this.dist = element('select', { id: 'set-dist',
      onchange: () => this.set({ dist: this.dist.value }) },
    element('option', { value: 'poisson' }, 'random gaps (Poisson)'),
    element('option', { value: 'periodic' }, 'equal gaps (periodic)'));
    this.pauseButton = element('button', { type: 'button', id: 'pause', 'aria-pressed': 'false',
      onclick: () => this.pause(!this.paused) }, 'Pause');
    return element('div', { class: 'row' }, element('label', {}, 'gaps: ', this.dist),
      this.pauseButton);
  }

  set(some) {
    Object.assign(this.values, some);
    this.show();
    // A slider that is dragged makes many changes; the last one counts.
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.changed({ ...this.values }), 300);
  }

  pause(paused) {
    this.paused = paused;
    this.pauseButton.setAttribute('aria-pressed', paused);
    this.onPaused(paused);
  }

  show() {
    for (const [name, { input, output, slider }] of Object.entries(this.inputs)) {
      const value = this.values[name];
      input.value = slider.values.findIndex((each) => each >= value);
      output.textContent = slider.show(value);
      input.setAttribute('aria-valuetext', output.textContent);
    }
    this.dist.value = this.values.dist;
    const preset = presets.find(({ set }) => Object.entries(set)
      .every(([name, value]) => this.values[name] === value));
    for (const button of this.presetButtons) {
      button.setAttribute('aria-pressed', button.dataset.preset === preset?.name);
    }
    this.about.textContent = preset ? preset.about : 'Your own settings.';
  }

  // As /lab/plan takes them.
  query() {
    return new URLSearchParams(this.values).toString();
  }
}

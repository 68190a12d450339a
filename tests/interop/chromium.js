// Headless Chromium, steered by the DevTools protocol over npm ws.
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const WebSocket = require('ws');

// One page in a browser of its own. `errors` gathers what the page complains of: exceptions,
// console errors and warnings, resources that did not load.
class Page {
  static async open(program, url, { width = 1100, height = 900, reducedMotion } = {}) {
    const page = new Page();
    page.profile = fs.mkdtempSync(path.join(os.tmpdir(), 'duplex-chromium-'));
    page.browser = spawn(program, [
      '--headless', '--hide-scrollbars', '--no-sandbox', '--disable-gpu', '--disable-quic',
      '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync',
      '--remote-debugging-port=0', `--user-data-dir=${page.profile}`, 'about:blank',
    ], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    await page.attach(await page.debuggerPort());
    await page.send('Emulation.setDeviceMetricsOverride',
      { width, height, deviceScaleFactor: 1, mobile: width < 500 });
    if (reducedMotion) {
      await page.send('Emulation.setEmulatedMedia',
        { features: [{ name: 'prefers-reduced-motion', value: 'reduce' }] });
    }
    await page.send('Page.navigate', { url });
    return page;
  }

  constructor() {
    this.errors = [];
    this.waiting = new Map();
    this.count = 0;
  }

  debuggerPort() {
    return new Promise((resolve, reject) => {
      let text = '';
      this.browser.stderr.on('data', (data) => {
        text += data;
        const found = text.match(/DevTools listening on ws:\/\/[^:]+:(\d+)/);
        if (found) resolve(found[1]);
      });
      this.browser.once('exit', () => reject(new Error(`the browser ended: ${text}`)));
    });
  }

  async attach(port) {
    const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    this.socket = new WebSocket(targets.find(({ type }) => type === 'page').webSocketDebuggerUrl);
    await new Promise((resolve) => { this.socket.once('open', resolve); });
    this.socket.on('message', (data) => this.hear(JSON.parse(data)));
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(`${domain}.enable`);
  }

  hear(message) {
    if (message.id) {
      const { resolve, reject } = this.waiting.get(message.id);
      this.waiting.delete(message.id);
      if (message.error) reject(new Error(message.error.message));
      else resolve(message.result);
      return;
    }
    const { method, params } = message;
    if (method === 'Runtime.exceptionThrown') {
      const { text, exception } = params.exceptionDetails;
      this.errors.push(`${text} ${exception?.description ?? ''}`);
    }
    if (method === 'Runtime.consoleAPICalled' && ['error', 'warning'].includes(params.type)) {
      this.errors.push(params.args.map((arg) => arg.value ?? arg.description).join(' '));
    }
    if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level)) {
      this.errors.push(`${params.entry.text} ${params.entry.url ?? ''}`);
    }
  }

  send(method, params = {}) {
    this.count += 1;
    const id = this.count;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  async evaluate(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate',
      { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? expression);
    return result.value;
  }

  // Waits until the expression is true; says which one was not.
  async until(expression, seconds = 60) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
      if (await this.evaluate(expression)) return;
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    throw new Error(`after ${seconds} s still not: ${expression}`);
  }

  async press(key, times = 1) {
    for (let i = 0; i < times; i += 1) {
      const text = { Enter: '\r', Space: ' ' }[key];
      const name = key === 'Space' ? ' ' : key;
      const code = { Tab: 9, Enter: 13, Space: 32, ArrowLeft: 37, ArrowRight: 39 }[key];
      const event = { key: name, code: key, windowsVirtualKeyCode: code, text };
      const type = text ? 'keyDown' : 'rawKeyDown';
      await this.send('Input.dispatchKeyEvent', { type, ...event });
      await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
    }
  }

  async type(text) { await this.send('Input.insertText', { text }); }

  // The part of the page that the selector names, or all of it.
  async screenshot(file, selector = 'body') {
    const { x, y, width, height } = await this.evaluate(`(() => {
      const { x, y, width, height } = document.querySelector(${JSON.stringify(selector)})
        .getBoundingClientRect();
      return { x: x + scrollX, y: y + scrollY, width, height };
    })()`);
    const { data } = await this.send('Page.captureScreenshot', {
      captureBeyondViewport: true, clip: { x, y, width, height, scale: 1 },
    });
    fs.writeFileSync(file, Buffer.from(data, 'base64'));
  }

  // The whole group: its helpers would go on writing into the profile.
  async close() {
    const gone = new Promise((resolve) => { this.browser.once('exit', resolve); });
    this.socket?.terminate();
    process.kill(-this.browser.pid, 'SIGKILL');
    await gone;
    fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

module.exports = { Page };

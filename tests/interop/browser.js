// Headless Chromium opens a page, which talks to a server of ours and reports here at the end.
// Usage: node browser.js CHROMIUM PAGE QUERY
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');

const [program, file, query] = process.argv.slice(2);
const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'duplex-chromium-'));
let browser;
function finish(code, text) {
  console.log(text);
  // The whole group: its helpers would go on writing into the profile.
  process.kill(-browser.pid, 'SIGKILL');
  browser.once('exit', () => {
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    process.exit(code);
  });
}
const page = http.createServer((request, response) => {
  if (request.method === 'POST') {
    request.on('data', (data) => finish(0, `the page saw ${data}`));
  }
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.end(fs.readFileSync(file));
});
page.listen(0, '127.0.0.1', () => {
  browser = spawn(program, [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    // The page's origin is not that of the server it looks at.
    '--disable-web-security', `--user-data-dir=${profile}`,
    `http://127.0.0.1:${page.address().port}/?${query}`,
  ], { stdio: 'ignore', detached: true });
});
process.on('SIGTERM', () => finish(1, 'ended before the page'));
setTimeout(() => finish(1, 'the page did not see everything in 180 s'), 180000).unref();

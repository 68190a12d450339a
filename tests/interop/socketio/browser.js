// Socket.IO's client for browsers in headless Chromium, on a page of the server itself.
// Usage: node browser.js CHROMIUM URL
'use strict';
const assert = require('assert');
const { Page } = require('../chromium.js');

const [program, url] = process.argv.slice(2);

async function main() {
  const page = await Page.open(program, url);
  try {
    await page.until('window.result !== undefined');
    assert.strictEqual(await page.evaluate('window.result'), 'done');
    assert.deepStrictEqual(page.errors, []);
  } catch (error) {
    console.log('at', await page.evaluate('window.step'), page.errors);
    throw error;
  } finally {
    await page.close();
  }
}

main().catch((error) => {
  console.log(error);
  process.exitCode = 1;
});

// The files of `duplex bench` as HdrHistogram itself reads them: npm hdr-histogram-js.
// Usage: histograms.js RUN.hlog RUN.hgrm
'use strict';
const assert = require('assert');
const fs = require('fs');
const hdr = require('hdr-histogram-js');

const [logPath, listingPath] = process.argv.slice(2);

// By tag: all the intervals of the log together.
function readLog(path) {
  const histograms = new Map();
  for (const line of fs.readFileSync(path, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#') || line.startsWith('"')) continue;
    const parts = line.split(',');
    const tag = parts[0].startsWith('Tag=') ? parts.shift().slice(4) : '';
    const interval = hdr.decodeFromCompressedBase64(parts[3]);
    const sum = histograms.get(tag);
    if (sum) sum.add(interval);
    else histograms.set(tag, interval);
  }
  return histograms;
}

// By arm: rows of value, share and count, as they are listed.
function readListing(path) {
  const listings = new Map();
  let rows = null;
  for (const line of fs.readFileSync(path, 'utf8').split('\n')) {
    const heading = line.match(/^#\[Tag = ([^,]+),/);
    if (heading) listings.set(heading[1], rows = []);
    const fields = line.trim().split(/\s+/);
    if (/^[0-9.]+$/.test(fields[0]) && fields.length >= 3) rows.push(fields.map(Number));
  }
  return listings;
}

const histograms = readLog(logPath);
const listings = readListing(listingPath);
assert(histograms.size > 1, 'tags');
for (const [name, rows] of listings) {
  const histogram = histograms.get(name);
  assert(histogram, `the log lacks ${name}`);
  assert(rows.length > 3, name);
  assert.strictEqual(rows[rows.length - 1][2], histogram.totalCount, name);
  for (const [value, share] of rows) {
    // The listing has three decimals of a value and six of a share, a histogram three digits.
    const at = (part) => histogram.getValueAtPercentile(100 * Math.min(Math.max(part, 0), 1)) / 1e6;
    const least = at(share - 5e-7);
    const most = at(share + 5e-7);
    const room = 1e-3 * value + 0.0005 + 1e-9;
    assert(least - room < value && value < most + room, `${name} ${share}: ${least} ${value}`);
  }
}
console.log(`${listings.size} histograms`);

// The modules of the lab page that need no page: hashes, frames, histograms, ages.
// Usage: node lab_modules.mjs FOLDER
import assert from 'node:assert';
import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import fs from 'node:fs';
import os from 'node:os';

// Without a package.json, Node takes .js for something else.
const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'duplex-lab-'));
fs.cpSync(process.argv[2], copy, { recursive: true });
fs.writeFileSync(path.join(copy, 'package.json'), '{"type": "module"}');
process.on('exit', () => fs.rmSync(copy, { recursive: true }));
const load = (name) => import(pathToFileURL(path.join(copy, name)));

const { sha1, base64, acceptValue } = await load('sha1.js');
for (let size = 0; size < 200; size += 1) {
  const bytes = randomBytes(size);
  const digest = createHash('sha1').update(bytes).digest();
  assert.deepStrictEqual(Buffer.from(sha1(bytes)), digest, `SHA-1 of ${size} bytes`);
  assert.strictEqual(base64(bytes), bytes.toString('base64'));
}
assert.strictEqual(acceptValue('dGhlIHNhbXBsZSBub25jZQ==').accept, 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');

const { encodeFrame, decodeFrame, decodeFrames, parseHex, shortestForm } = await load('frame.js');
const hello = { fin: 1, rsv1: 0, rsv2: 0, rsv3: 0, opcode: 1, masked: 1,
  key: [0x37, 0xfa, 0x21, 0x3d], form: 7, length: 5, payload: new TextEncoder().encode('Hello') };
// RFC 6455 section 5.7.
assert.deepStrictEqual(encodeFrame(hello), parseHex('81 85 37 fa 21 3d 7f 9f 4d 51 58'));
for (const length of [0, 1, 125, 126, 127, 65535, 65536]) {
  for (const masked of [0, 1]) {
    const frame = { ...hello, masked, key: masked ? hello.key : [0, 0, 0, 0], length,
      form: shortestForm(length), payload: Uint8Array.from(randomBytes(length)) };
    const bytes = encodeFrame(frame);
    const { header, size, missing, ...same } = decodeFrame(bytes);
    assert.deepStrictEqual(same, frame);
    assert.strictEqual(size, bytes.length);
    assert.strictEqual(missing, 0);
    assert.strictEqual(header, bytes.length - length);
  }
}
for (let cut = 0; cut < 6; cut += 1) {
  assert.strictEqual(decodeFrame(encodeFrame(hello).slice(0, cut)), undefined, `${cut} bytes`);
}
assert.strictEqual(decodeFrame(encodeFrame({ ...hello, form: 64, length: 2 ** 40 })).missing,
  2 ** 40 - 5);
const two = decodeFrames(Uint8Array.from([...encodeFrame(hello), ...encodeFrame(hello), 0x81]));
assert.strictEqual(two.frames.length, 2);
assert.deepStrictEqual(two.rest, Uint8Array.of(0x81));
assert.strictEqual(parseHex('8'), undefined);
assert.strictEqual(parseHex('zz'), undefined);
assert.deepStrictEqual(parseHex(''), new Uint8Array());

const { Histogram } = await load('histogram.js');
const histogram = new Histogram();
for (let value = 1; value <= 1000; value += 1) histogram.add(value);
assert.strictEqual(histogram.mean, 500.5);
for (const share of [0.5, 0.95, 0.99]) {
  assert(Math.abs(histogram.quantile(share) / (1000 * share) - 1) < 0.011, `p${share}`);
}
assert.strictEqual(histogram.quantile(1), 1000);
assert(Math.abs(histogram.between(100, 200) - 100) < 4);
assert(Math.abs(histogram.between(0.001, 60000) - 1000) < 1e-6);
assert(Number.isNaN(new Histogram().quantile(0.5)));
histogram.add(0);
histogram.add(1e9);
assert.strictEqual(histogram.count, 1002);

// Events every 100 ms that take 30: the age goes from 30 to 130, and 30 % of it is stale.
const { Age } = await load('age.js');
const age = new Age();
for (let i = 0; i <= 100; i += 1) age.deliver(100 * i + 30, [{ id: i, generated: 100 * i }]);
assert(Math.abs(age.mean - 80) < 1e-9, String(age.mean));
assert(Math.abs(age.staleShare - 0.3) < 1e-9, String(age.staleShare));
// Polled every 400 ms, four at once: from 0 to 400, and fresh only until the next event.
const polled = new Age();
for (let i = 0; i <= 20; i += 1) {
  const events = [3, 2, 1, 0].map((n) => ({ id: 4 * i - n, generated: 400 * i - 100 * n }));
  polled.deliver(400 * i, events);
}
assert(Math.abs(polled.mean - 200) < 1e-9, String(polled.mean));
assert(Math.abs(polled.staleShare - 0.75) < 1e-9, String(polled.staleShare));
// What is not newer changes nothing.
polled.deliver(9000, [{ id: 1, generated: 100 }]);
assert.strictEqual(polled.corners.length, 21);
// 66 bytes of headers around a segment, and 20 more over IPv6.
const { shareOut } = await load('bytes_view.js');
const usage = { bytes_received: 0, bytes_sent: 100, data_segments: 2, bare_segments: 1 };
const record = { countUntil: () => 1, requests: 0 };
assert.deepStrictEqual(shareOut(usage, record, 60, 0, '127.0.0.1'), [60, 40, 0, 132, 66]);
assert.deepStrictEqual(shareOut(usage, record, 60, 0, '::1'), [60, 40, 0, 172, 86]);

// Each tick has a name of its own, to be read and to be pointed at.
globalThis.document = { createElementNS: (namespace, tag) => ({ tag, attributes: {}, children: [],
  setAttribute(name, value) { this.attributes[name] = value; },
  append(...children) { this.children.push(...children); } }) };
const { quantileMarks } = await load('latency_view.js');
const marks = quantileMarks({ count: 9, quantile: (at) => at * 10000 }, 74);
assert.deepStrictEqual(marks.map(({ tag }) => tag), ['g', 'g', 'g']);
const part = (mark, tag) => mark.children.find((child) => child.tag === tag);
assert.deepStrictEqual(marks.map((mark) => part(mark, 'title').children[0]),
  ['p50: 5.00 s', 'p95: 9.50 s', 'p99: 9.90 s']);
assert.deepStrictEqual(marks.map((mark) => part(mark, 'text').children[0]), ['p50', 'p95', 'p99']);
assert.strictEqual(part(marks[2], 'text').attributes['text-anchor'], 'end', 'within the chart');
assert.deepStrictEqual(quantileMarks({ count: 0 }, 74), []);
console.log('ok');

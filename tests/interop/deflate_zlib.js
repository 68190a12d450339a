// interop_deflate against Node's zlib, both ways. Usage: node deflate_zlib.js INTEROP_DEFLATE
'use strict';
const assert = require('assert');
const { spawnSync } = require('child_process');
const zlib = require('zlib');

const tail = Buffer.from([0, 0, 0xff, 0xff]);
const flush = zlib.constants.Z_SYNC_FLUSH;
const program = process.argv[2];

function frame(messages) {
  return Buffer.concat(messages.flatMap((message) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(message.length);
    return [length, message];
  }));
}

function unframe(data) {
  const messages = [];
  for (let at = 0; at < data.length;) {
    const end = at + 4 + data.readUInt32LE(at);
    messages.push(data.subarray(at + 4, end));
    at = end;
  }
  return messages;
}

function run(words, messages) {
  const done = spawnSync(program, words.map(String),
                         { input: frame(messages), maxBuffer: 1 << 28 });
  assert.strictEqual(done.status, 0, String(done.stderr));
  return unframe(done.stdout);
}

function record(i) {
  return { id: i, name: `user-${i % 37}`, tags: ['a', 'b', String(i * 7919 % 101)], score: i / 7 };
}
const records = (count) => Buffer.from(JSON.stringify(Array.from({ length: count },
                                                                 (_, i) => record(i))));
const messages = [Buffer.alloc(0), Buffer.from('a'), records(5), records(2000), records(5),
                  Buffer.alloc(100000), require('crypto').randomBytes(70000), records(300)];

for (let level = 0; level <= 9; ++level) {
  for (let windowBits = 8; windowBits <= 15; ++windowBits) {
    const payloads = run(['deflate', level, windowBits, 'reset'], messages);
    payloads.forEach((payload, i) => {
      const read = zlib.inflateRawSync(Buffer.concat([payload, tail]),
                                       { windowBits, finishFlush: flush });
      assert(read.equals(messages[i]), `level ${level}, window ${windowBits}, message ${i}`);
    });
    if (windowBits === 8) continue;  // beyond zlib, raw
    const theirs = messages.map((message) => zlib.deflateRawSync(
      message, { level, windowBits, finishFlush: flush }).subarray(0, -4));
    const read = run(['inflate', windowBits, 'reset'], theirs);
    read.forEach((message, i) => assert(message.equals(messages[i])));
  }
}

// WebSocket frames, RFC 6455 section 5.2: written as they are asked for, right or wrong.

export const opcodes = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping',
  10: 'pong' };

// `length` may be another than the payload's; `form` is 7, 16 or 64, the bits of the length.
export function encodeFrame({ fin, rsv1, rsv2, rsv3, opcode, masked, key, length, form, payload }) {
  const bytes = [(fin << 7) | (rsv1 << 6) | (rsv2 << 5) | (rsv3 << 4) | opcode];
  const mask = masked ? 0x80 : 0;
  if (form === 7) {
    bytes.push(mask | Math.min(length, 125));
  } else {
    const size = form / 8;
    bytes.push(mask | (form === 16 ? 126 : 127));
    for (let i = size - 1; i >= 0; i -= 1) bytes.push(Math.floor(length / 2 ** (8 * i)) % 256);
  }
  if (masked) bytes.push(...key);
  payload.forEach((byte, i) => bytes.push(masked ? byte ^ key[i % 4] : byte));
  return Uint8Array.from(bytes);
}

export const shortestForm = (length) => (length < 126 ? 7 : length < 65536 ? 16 : 64);

// The first frame of some bytes, whatever it says; undefined when they end inside its header.
// `size` is what it takes up; `missing` the bytes of its payload that are not there.
export function decodeFrame(bytes) {
  if (bytes.length < 2) return undefined;
  const [first, second] = bytes;
  const short = second & 0x7f;
  const form = short === 126 ? 16 : short === 127 ? 64 : 7;
  const masked = second >> 7;
  const header = 2 + (form === 7 ? 0 : form / 8) + (masked ? 4 : 0);
  if (bytes.length < header) return undefined;
  let length = short;
  if (form !== 7) length = bytes.slice(2, 2 + form / 8).reduce((sum, byte) => sum * 256 + byte, 0);
  const key = masked ? Array.from(bytes.slice(header - 4, header)) : [0, 0, 0, 0];
  const body = bytes.slice(header, header + length);
  return {
    fin: first >> 7, rsv1: (first >> 6) & 1, rsv2: (first >> 5) & 1, rsv3: (first >> 4) & 1,
    opcode: first & 15, masked, key, length, form,
    payload: Uint8Array.from(body, (byte, i) => (masked ? byte ^ key[i % 4] : byte)),
    header, size: header + body.length, missing: length - body.length,
  };
}

// All of them, and the bytes left over.
export function decodeFrames(bytes) {
  const frames = [];
  let rest = bytes;
  for (let frame = decodeFrame(rest); frame; frame = decodeFrame(rest)) {
    frames.push(frame);
    rest = rest.slice(frame.size);
    if (frame.missing > 0) break;
  }
  return { frames, rest };
}

// "81 85 ..." in any grouping; undefined for what is not hexadecimal.
export function parseHex(text) {
  const digits = text.replace(/0x|[\s,:]/gi, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

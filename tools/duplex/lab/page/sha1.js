// SHA-1 (FIPS 180-4 section 6.1) and Base64 (RFC 4648 section 4), for the handshake's derivation.

const rotate = (word, by) => (word << by) | (word >>> (32 - by));

// Message, a 1 bit, zeros, the length in bits: a whole number of blocks of 64 bytes.
function padded(bytes) {
  const size = Math.ceil((bytes.length + 9) / 64) * 64;
  const result = new Uint8Array(size);
  result.set(bytes);
  result[bytes.length] = 0x80;
  new DataView(result.buffer).setBigUint64(size - 8, BigInt(bytes.length) * 8n);
  return result;
}

function round(t, b, c, d) {
  if (t < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function addBlock(state, view, offset) {
  const words = new Int32Array(80);
  for (let t = 0; t < 16; t += 1) words[t] = view.getInt32(offset + 4 * t);
  for (let t = 16; t < 80; t += 1) {
    words[t] = rotate(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);
  }
  let [a, b, c, d, e] = state;
  for (let t = 0; t < 80; t += 1) {
    const next = (rotate(a, 5) + round(t, b, c, d) + e + words[t]) | 0;
    [a, b, c, d, e] = [next, a, rotate(b, 30), c, d];
  }
  [a, b, c, d, e].forEach((word, i) => { state[i] = (state[i] + word) | 0; });
}

export function sha1(bytes) {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const message = padded(bytes);
  const view = new DataView(message.buffer);
  for (let offset = 0; offset < message.length; offset += 64) addBlock(state, view, offset);
  const digest = new Uint8Array(20);
  state.forEach((word, i) => new DataView(digest.buffer).setInt32(4 * i, word));
  return digest;
}

export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
  .join(' ');

export const webSocketGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

// RFC 6455 section 4.2.2: the key is hashed as it was sent.
export function acceptValue(key) {
  const joined = key + webSocketGuid;
  const digest = sha1(new TextEncoder().encode(joined));
  return { joined, digest, accept: base64(digest) };
}

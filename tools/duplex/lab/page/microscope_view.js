// The frame microscope: bits to change, bytes to paste, and what the server makes of them.

import { byId, element } from './dom.js';
import { decodeFrames, encodeFrame, opcodes, parseHex, shortestForm } from './frame.js';
import { hex } from './sha1.js';

const text = (words) => new TextEncoder().encode(words);
const hello = { fin: 1, rsv1: 0, rsv2: 0, rsv3: 0, opcode: 1, masked: 1,
  key: [0x37, 0xfa, 0x21, 0x3d], form: 7, length: 5, payload: text('Hello') };

const samples = [
  { name: 'Hello', set: {} },
  { name: 'without a mask', set: { masked: 0 } },
  { name: 'ping', set: { opcode: 9 } },
  { name: 'close 1000', set: { opcode: 8, payload: Uint8Array.of(3, 232), length: 2 } },
  { name: 'a reserved bit', set: { rsv2: 1 } },
  { name: 'a reserved opcode', set: { opcode: 3 } },
  { name: 'a fragmented ping', set: { opcode: 9, fin: 0 } },
  { name: 'not UTF-8', set: { payload: Uint8Array.of(0xc3, 0x28), length: 2 } },
  { name: 'a long form of a short length', set: { form: 16 } },
  { name: 'too large', set: { form: 64, length: 2 ** 40 } },
];

// One line of boxes: 32 bits, or what there is of them.
function boxesOf(frame, view) {
  const bit = (name, label) => element('button', { type: 'button', class: 'bit', 'data-bit': name,
    'aria-label': `${label} is ${frame[name]}; change it`,
    onclick: () => view.change({ [name]: 1 - frame[name] }, name) },
  element('small', {}, label), String(frame[name]));
  return element('div', { class: 'bits', role: 'group', 'aria-label': 'Bits of the first frame' },
    bit('fin', 'FIN'), bit('rsv1', 'RSV1'), bit('rsv2', 'RSV2'), bit('rsv3', 'RSV3'),
    view.opcodeBox(frame), bit('masked', 'MASK'), view.lengthBox(frame), view.formBox(frame));
}

function explain(frame) {
  const name = opcodes[frame.opcode] ?? 'reserved';
  const content = frame.opcode === 1 ? ` “${new TextDecoder().decode(frame.payload)}”` : '';
  return `${name}${content}, ${frame.length} B${frame.masked ? ', masked' : ''}${
    frame.fin ? '' : ', to be continued'}${
    frame.missing > 0 ? `, ${frame.missing} B are missing` : ''}`;
}

export class MicroscopeView {
  constructor() {
    this.bytes = element('textarea', { id: 'frame-bytes', rows: 3, spellcheck: 'false',
      class: 'mono', 'aria-label': 'Bytes in hexadecimal', oninput: () => this.parse() });
    this.boxes = element('div', { id: 'frame-boxes' });
    this.words = element('p', { class: 'small', id: 'frame-words', 'aria-live': 'polite' });
    this.answer = element('div', { id: 'frame-answer', role: 'status', 'aria-live': 'polite' });
    byId('microscope-body').append(
      element('div', { class: 'row', role: 'group', 'aria-label': 'Samples' },
        ...samples.map(({ name, set }) => element('button', { type: 'button', 'data-sample': name,
          onclick: () => this.show({ ...hello, ...set }) }, name))),
      this.boxes, this.payloadRow(), element('label', {}, 'bytes: ', this.bytes), this.words,
      element('button', { type: 'button', id: 'frame-send', onclick: () => this.send() },
        'Send to the server'), this.answer);
    this.show(hello);
  }

  payloadRow() {
    this.payload = element('input', { id: 'frame-payload', size: 24,
      oninput: () => {
        const payload = text(this.payload.value);
        this.change({ payload, length: payload.length, form: shortestForm(payload.length) });
      } });
    return element('div', { class: 'row' }, element('label', {}, 'payload as text: ',
      this.payload));
  }

  opcodeBox(frame) {
    const options = Array.from({ length: 16 }, (_, i) => element('option', { value: i,
      selected: i === frame.opcode }, `${i.toString(16).toUpperCase()} ${opcodes[i]
        ?? 'reserved'}`));
    return element('label', { class: 'bit' }, element('small', {}, 'opcode'), element('select', {
      'data-bit': 'opcode', 'aria-label': 'opcode',
      onchange: ({ target }) => this.change({ opcode: Number(target.value) }, 'opcode'),
    }, ...options));
  }

  lengthBox(frame) {
    return element('label', { class: 'bit' }, element('small', {}, 'payload length'),
      element('input', { 'data-bit': 'length', 'aria-label': 'payload length', size: 6,
        value: frame.length, inputmode: 'numeric',
        onchange: ({ target }) => this.change({ length: Number(target.value) || 0 }, 'length') }));
  }

  formBox(frame) {
    return element('label', { class: 'bit' }, element('small', {}, 'length in'),
      element('select', { 'data-bit': 'form', 'aria-label': 'bits of the length',
        onchange: ({ target }) => this.change({ form: Number(target.value) }, 'form') },
      ...[7, 16, 64].map((form) => element('option', { value: form,
        selected: form === frame.form }, `${form} bits`))));
  }

  // The first frame changes; what follows it stays. The box that was changed keeps the focus.
  change(some, focused) {
    const frame = { ...this.frame, ...some };
    this.show(frame, this.rest);
    if (focused) this.boxes.querySelector(`[data-bit=${focused}]`).focus();
  }

  show(frame, rest = new Uint8Array()) {
    this.rest = rest;
    this.bytes.value = hex([...encodeFrame(frame), ...rest]);
    this.parse(frame);
  }

  parse(written) {
    this.answer.replaceChildren();  // which was about other bytes
    const bytes = parseHex(this.bytes.value);
    if (!bytes) {
      this.words.textContent = 'These are not bytes in hexadecimal.';
      return;
    }
    const { frames, rest } = decodeFrames(bytes);
    this.words.textContent = [...frames.map(explain),
      ...(rest.length > 0 ? [`${rest.length} bytes of a next frame`] : [])].join('; ')
      || 'No whole header yet.';
    if (frames.length === 0) return;
    // What was written may announce more than there is.
    this.frame = written?.payload ? written : frames[0];
    this.rest = bytes.slice(frames[0].size);
    this.boxes.replaceChildren(boxesOf(this.frame, this));
    if (document.activeElement !== this.payload) {
      this.payload.value = new TextDecoder().decode(this.frame.payload);
    }
  }

  async send() {
    const bytes = parseHex(this.bytes.value);
    if (!bytes) return;
    try {
      const response = await fetch('/lab/microscope', { method: 'POST', body: bytes,
        headers: { 'Content-Type': 'application/octet-stream' } });
      if (!response.ok) throw new Error(await response.text());
      this.showAnswer(await response.json());
    } catch (error) {
      this.answer.replaceChildren(element('p', { class: 'error' }, error.message));
    }
  }

  showAnswer({ events, state, reply, code, violation, mid_message: midMessage }) {
    const { frames } = decodeFrames(parseHex(reply));
    const lines = events.map((event) => `The server has a ${event.kind}${
      event.text !== undefined ? `: “${event.text}”` : ''}${
      event.kind === 'close' ? ` ${event.code} ${event.reason}` : ''}.`);
    if (code) lines.push(`It fails the connection with ${code}: ${violation}.`);
    if (events.length === 0 && !code) lines.push('It waits for the rest.');
    else if (midMessage) lines.push('It waits for the rest of a message.');
    this.answer.dataset.code = code ?? '';
    this.answer.replaceChildren(
      ...lines.map((line) => element('p', code ? { class: 'error' } : {}, line)),
      element('p', {}, 'It says: ', element('span', { class: 'mono' }, reply
        ? hex(parseHex(reply)) : 'nothing'),
      frames.length > 0 ? ` (${frames.map(explain).join('; ')})` : '', `. The connection is ${
        state}.`));
  }
}

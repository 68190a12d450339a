// The opening handshake of the page's own WebSocket: its accept value, step by step, and a field to
// try other keys.

import { byId, element } from './dom.js';
import { acceptValue, hex, webSocketGuid } from './sha1.js';

const sampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';  // RFC 6455 section 1.3

function stepsOf(key) {
  const { joined, digest, accept } = acceptValue(key);
  return [
    ['Sec-WebSocket-Key', key], ['GUID of RFC 6455', webSocketGuid], ['key and GUID', joined],
    ['SHA-1 of that', hex(digest)], ['in Base64', accept],
  ];
}

function list(steps) {
  return steps.flatMap(([name, value]) => [element('dt', {}, name),
    element('dd', { class: 'mono' }, value)]);
}

export class HandshakeView {
  constructor() {
    this.input = element('input', { id: 'key', size: 28, value: sampleKey, spellcheck: 'false',
      oninput: () => this.derive() });
    this.result = element('dl', { id: 'derivation', 'aria-live': 'polite' });
    byId('handshake-try').append(element('div', { class: 'row' },
      element('label', {}, 'another key: ', this.input)), this.result);
    this.derive();
  }

  derive() {
    this.result.replaceChildren(...list(stepsOf(this.input.value)));
  }

  greet({ request, accept }) {
    const field = request.fields.find(([name]) => name.toLowerCase() === 'sec-websocket-key');
    const key = field?.[1] ?? '';
    const derived = acceptValue(key).accept;
    byId('handshake-own').replaceChildren(...list([...stepsOf(key),
      ['Sec-WebSocket-Accept, as sent', accept],
      ['is it the same?', derived === accept ? 'yes: ✓' : 'no: ✗']]));
    byId('handshake-own').dataset.same = derived === accept;
    byId('handshake-request').textContent = [`GET ${request.target} HTTP/1.1`,
      ...request.fields.map(([name, value]) => `${name}: ${value}`)].join('\n');
    byId('handshake-answer').textContent = ['HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`].join('\n');
  }
}

// A chat with rooms, and a cable to pull: what was said meanwhile comes after the reconnect.

import { byId, element } from './dom.js';
import { forget, webSocketUrl } from './sockets.js';

const firstRetry = 500;
const longestRetry = 8000;  // milliseconds
const typingTime = 2000;

export class ChatView {
  constructor() {
    this.name = element('input', { id: 'chat-name', maxlength: 16, size: 12,
      value: `guest${Math.floor(Math.random() * 1000)}`, onchange: () => this.enter() });
    this.room = element('input', { id: 'chat-room', maxlength: 16, size: 12, value: 'lobby',
      list: 'chat-rooms', onchange: () => this.enter() });
    this.text = element('input', { id: 'chat-text', maxlength: 120, size: 30, autocomplete: 'off',
      oninput: () => this.typing() });
    this.log = element('ol', { id: 'chat-log', role: 'log', 'aria-label': 'What was said',
      tabindex: 0 });
    this.state = element('p', { class: 'small', id: 'chat-state', role: 'status' });
    this.present = element('p', { class: 'small', id: 'chat-present' });
    byId('chat-body').append(
      element('div', { class: 'row' }, element('label', {}, 'name: ', this.name),
        element('label', {}, 'room: ', this.room),
        element('datalist', { id: 'chat-rooms' }, ...['lobby', 'lecture', 'workshop']
          .map((value) => element('option', { value }))),
        element('button', { type: 'button', id: 'chat-cable', onclick: () => this.pull() },
          'Pull the cable')),
      this.log, element('form', { class: 'row', onsubmit: (event) => this.say(event) },
        element('label', {}, 'text: ', this.text), element('button', { id: 'chat-send' }, 'Send')),
      this.state, this.present);
    this.enter();
  }

  // Another room or name: a new connection, from the beginning of what the room remembers.
  enter() {
    clearTimeout(this.timer);
    this.last = 0;
    this.outbox = [];
    this.retry = firstRetry;
    this.log.replaceChildren();
    this.open();
  }

  open() {
    forget(this.socket);
    this.socket = undefined;
    if (!this.name.value || !this.room.value) return this.tell('A name and a room are needed.');
    const query = new URLSearchParams({ room: this.room.value, name: this.name.value,
      after: this.last });
    const opened = new WebSocket(webSocketUrl(`/lab/chat?${query}`));
    this.socket = opened;
    opened.onopen = () => {
      this.retry = firstRetry;
      this.tell('Connected.');
      // What was said while the cable was out.
      for (const words of this.outbox.splice(0)) opened.send(`say ${words}`);
    };
    opened.onmessage = ({ data }) => this.hear(JSON.parse(data));
    opened.onclose = (event) => this.lose(event);
    return undefined;
  }

  lose({ code, reason }) {
    this.present.textContent = '';
    this.tell(`Lost (${code}${reason ? `: ${reason}` : ''}); again in ${this.retry / 1000} s.`);
    this.timer = setTimeout(() => this.open(), this.retry);
    // With some chance in it, so that many who were lost at once do not come back at once.
    this.retry = Math.min(longestRetry, this.retry * (1.5 + Math.random()));
    this.retry = Math.round(this.retry / 100) * 100;
  }

  hear(word) {
    if (word.id > this.last) {
      this.last = word.id;
      this.log.append(element('li', { value: word.id }, element('b', {}, word.from), `: ${
        word.text}`));
      while (this.log.children.length > 200) this.log.firstChild.remove();
      this.log.scrollTop = this.log.scrollHeight;
    }
    if (word.present) this.present.textContent = `Here: ${word.present.join(', ')}.`;
    if (word.refused) this.tell(`The server says: ${word.refused}.`);
    if (word.typing) {
      this.tell(`${word.typing} is typing.`);
      clearTimeout(this.typed);
      this.typed = setTimeout(() => this.tell('Connected.'), typingTime);
    }
  }

  say(event) {
    event.preventDefault();
    const words = this.text.value.trim();
    if (!words) return;
    this.text.value = '';
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(`say ${words}`);
    } else {
      this.outbox.push(words);
      this.tell(`Kept until the connection is back: ${this.outbox.length}.`);
    }
  }

  typing() {
    const now = performance.now();
    if (now - (this.lastTyping ?? -typingTime) < typingTime) return;
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.lastTyping = now;
    this.socket.send('typing');
  }

  // The server drops the connection without a word.
  pull() {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('cable');
  }

  tell(text) { this.state.textContent = text; }
}

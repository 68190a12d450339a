// The four lanes: each gets the same feed in its own way, and goes on where it was after a failure.
// A lane tells `sink` of deliveries ({at, lines}) and of polls ({sent, answered, empty}); times are
// those of performance.now(). `failed(status)` hears of answers that end the race.

import { forget, webSocketUrl } from './sockets.js';

const retryTime = 1000;  // milliseconds
// A server that is gone without a word would keep a long poll waiting for ever.
const longPollTime = 30000;

class Lane {
  constructor(path, plan, sink, failed) {
    this.path = path;
    this.plan = plan;
    this.sink = sink;
    this.failed = failed;
    this.last = 0;
    this.closed = false;
  }

  url() {
    const after = this.last > 0 ? `&after=${this.last}` : '';
    return `/lab/race/${this.path}?${this.plan.query}${after}`;
  }

  // "ID T_GEN T_EMIT PADDING", one event a line. What a lane had before (after a reconnect) or what
  // only says where the feed is (the first answer to a short poll) counts as nothing.
  deliver(at, text, counts = true) {
    const events = [];
    for (const line of text.split('\n')) {
      const [id, generated] = line.split(' ', 2).map(Number);
      if (!(id > this.last)) continue;
      this.last = id;
      if (counts) events.push({ id, generated: generated / 1e6 });
    }
    if (events.length > 0) this.sink.delivered(at, events);
  }

  retry(open) {
    if (!this.closed) this.timer = setTimeout(open, retryTime);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
  }
}

export class WebSocketLane extends Lane {
  open() {
    this.socket = new WebSocket(webSocketUrl(this.url()));
    this.socket.onmessage = (event) => this.deliver(performance.now(), event.data);
    this.socket.onclose = () => this.retry(() => this.open());
  }

  close() {
    super.close();
    forget(this.socket);
  }
}

export class EventStreamLane extends Lane {
  open() {
    this.source = new EventSource(this.url());
    this.source.onmessage = (event) => this.deliver(performance.now(), event.data);
    this.source.onerror = () => {
      // Otherwise it comes back by itself, with Last-Event-ID.
      if (this.source.readyState === EventSource.CLOSED) this.retry(() => this.open());
    };
  }

  close() {
    super.close();
    this.source?.close();
  }
}

class PollLane extends Lane {
  // One request; answers the text, or nothing when it failed.
  async ask() {
    this.abort = new AbortController();
    const patience = setTimeout(() => this.abort.abort(), longPollTime);
    const sent = performance.now();
    try {
      const response = await fetch(this.url(), { cache: 'no-store', signal: this.abort.signal });
      const text = await response.text();
      const answered = performance.now();
      if (this.closed) return undefined;
      if (!response.ok) {
        this.failed(response.status, text);
        return undefined;
      }
      this.sink.polled(sent, answered, text.length === 0);
      return { text, answered };
    } catch {
      return undefined;  // the network, or close()
    } finally {
      clearTimeout(patience);
    }
  }

  close() {
    super.close();
    this.abort?.abort();
  }
}

export class LongPollLane extends PollLane {
  async open() {
    while (!this.closed) {
      const answer = await this.ask();
      if (answer === undefined) return this.retry(() => this.open());
      this.deliver(answer.answered, answer.text);
    }
    return undefined;
  }
}

export class ShortPollLane extends PollLane {
  // The first one comes at a random instant: a fixed one could keep step with the feed, and show
  // nothing but when the page was opened.
  open() {
    this.started = false;
    this.timer = setTimeout(() => this.poll(), Math.random() * this.plan.poll);
  }

  async poll() {
    const answer = await this.ask();
    if (answer === undefined) return this.retry(() => this.poll());
    this.deliver(answer.answered, answer.text, this.started);
    this.started = true;
    if (!this.closed) this.timer = setTimeout(() => this.poll(), this.plan.poll);
    return undefined;
  }
}

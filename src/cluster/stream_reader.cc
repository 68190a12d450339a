// Reads a stream of Redis; see stream_reader.h.
#include "cluster/stream_reader.h"

#include <algorithm>
#include <utility>

#include "net/reactor.h"

namespace duplex::cluster {

StreamReader::StreamReader(std::shared_ptr<Hub> hub, std::string_view url, std::string stream,
                           const StreamOptions& options, StreamReaderHandlers handlers)
    : hub_(std::move(hub)),
      stream_(std::move(stream)),
      read_timeout_(options.read_timeout),
      handlers_(std::move(handlers)),
      client_(hub_->loop, url, hub_->tell("reading"), hub_->options.client) {}

void StreamReader::start() { ask_where_it_ends(); }

void StreamReader::ask_where_it_ends() {
  client_.command({"XREVRANGE", stream_, "+", "-", "COUNT", "1"},
                  [weak = weak_from_this()](const redis::Reply& reply) {
                    const auto self = weak.lock();
                    if (self == nullptr) return;
                    if (!reply) {
                      return self->after_failure(reply.error(), &StreamReader::ask_where_it_ends);
                    }
                    self->begin(reply);
                  });
}

void StreamReader::begin(const redis::Reply& reply) {
  const auto& entries = reply->items;
  last_ = entries.empty() ? "0-0" : StreamEntry::of(entries[0]).offset;
  read();
  handlers_.on_place();
}

void StreamReader::read() {
  asked_ = hub_->loop.now();
  client_.command({"XREAD", "COUNT", std::to_string(count_), "BLOCK",
                   std::to_string(read_timeout_.count()), "STREAMS", stream_, last_},
                  [weak = weak_from_this()](const redis::Reply& reply) {
                    if (const auto self = weak.lock()) self->on_reply(reply);
                  });
}

// Nothing new before the time is over is not what was asked for: not again at once.
void StreamReader::on_reply(const redis::Reply& reply) {
  if (!reply) {
    count_ = std::max<std::size_t>(count_ / 2, 1);
    return after_failure(reply.error(), &StreamReader::read);
  }
  const std::size_t found = on_entries(reply);
  if (found < count_) count_ = most_entries;  // fewer than that: there are no more
  if (found > 0) {
    is_told_ = false;
    return read();
  }
  if (hub_->loop.now() - asked_ >= read_timeout_ / 2) return look_for_a_new_beginning();
  if (!std::exchange(is_told_, true)) {
    hub_->complain("stream '" + stream_ + "': Redis answers at once, and nothing new after " +
                   last_ + "; it is asked once a second");
  }
  read_after(std::chrono::seconds(1));
}

void StreamReader::read_after(std::chrono::milliseconds pause) {
  hub_->loop.run_after(pause, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->read();
  });
}

// Whose entries stand before the last one that was read: the stream has been deleted meanwhile, and
// the clock of its ids set back. All of it is new.
void StreamReader::look_for_a_new_beginning() {
  const auto on_end = [weak = weak_from_this()](const redis::Reply& reply) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    if (!reply) return self->after_failure(reply.error(), &StreamReader::read);
    const std::string end = reply->items.empty() ? "" : StreamEntry::of(reply->items[0]).offset;
    if (!end.empty() && is_before(end, self->last_)) {
      self->hub_->complain("stream '" + self->stream_ + "' has begun anew: it ends with " + end +
                           ", and " + self->last_ + " was read");
      self->last_ = "0-0";
    }
    self->read();
  };
  client_.command({"XREVRANGE", stream_, "+", "-", "COUNT", "1"}, on_end);
}

// [[stream, [entry, ...]]], or nil when none has come in time. Returns how many are new.
std::size_t StreamReader::on_entries(const redis::Reply& reply) {
  if (reply->items.size() != 1 || reply->items[0].items.size() != 2) return 0;
  std::size_t count = 0;
  for (const codec::RespValue& item : reply->items[0].items[1].items) {
    const StreamEntry entry = StreamEntry::of(item);
    if (!is_before(last_, entry.offset)) continue;
    ++count;
    last_ = entry.offset;
    hub_->loop.reactor().guard([&] { handlers_.on_entry(entry); });
  }
  return count;
}

// A lost connection is made again by itself; what Redis refuses may be right later.
void StreamReader::after_failure(const redis::Error& error, void (StreamReader::*again)()) {
  if (!error.refused) return (this->*again)();
  hub_->complain("stream '" + stream_ + "': " + error.message);
  hub_->loop.run_after(std::chrono::seconds(1), [weak = weak_from_this(), again] {
    if (const auto self = weak.lock()) (*self.*again)();
  });
}

}  // namespace duplex::cluster

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
      block_(std::to_string(options.read_timeout.count())),
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
  client_.command(
      {"XREAD", "COUNT", std::to_string(count_), "BLOCK", block_, "STREAMS", stream_, last_},
      [weak = weak_from_this()](const redis::Reply& reply) {
        const auto self = weak.lock();
        if (self == nullptr) return;
        if (!reply) {
          self->count_ = std::max<std::size_t>(self->count_ / 2, 1);
          return self->after_failure(reply.error(), &StreamReader::read);
        }
        // Fewer than that: there are no more.
        if (self->on_entries(reply) < self->count_) self->count_ = most_entries;
        self->read();
      });
}

// [[stream, [entry, ...]]], or nil when none has come in time. Returns how many.
std::size_t StreamReader::on_entries(const redis::Reply& reply) {
  if (reply->items.size() != 1 || reply->items[0].items.size() != 2) return 0;
  const auto& entries = reply->items[0].items[1].items;
  for (const codec::RespValue& item : entries) {
    const StreamEntry entry = StreamEntry::of(item);
    last_ = entry.offset;
    hub_->loop.reactor().guard([&] { handlers_.on_entry(entry); });
  }
  return entries.size();
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

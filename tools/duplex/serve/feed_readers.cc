// Who is pushed to; see feed_readers.h.
#include "feed_readers.h"

#include <algorithm>
#include <utility>

#include "../feed_event.h"
#include "duplex/http/serialize.h"

namespace duplex::tools {
namespace {

constexpr std::size_t piece_size = std::size_t{64} << 10;  // bytes of what was missed, at a time
// Bytes beyond max_waiting, for pongs and Close frames.
constexpr std::size_t spare = std::size_t{64} << 10;
constexpr std::size_t around_event = 64;  // bytes at most: a frame's head, and what deflate adds

// WHATWG HTML section 9.2.5: a data field for each line, the id of the last event, a blank line.
std::string stream_event(std::string_view lines, std::uint64_t last_id) {
  std::string text = "id: " + std::to_string(last_id) + '\n';
  for_each_line(lines, [&text](std::string_view line) {
    text += "data: ";
    text += line;
    text += '\n';
  });
  return text + '\n';
}

bool is_web_socket(ExchangeId reader) noexcept { return reader.request == 0; }

}  // namespace

websocket::ProtocolOptions feed_protocol() {
  return {.max_message_size = max_short_message, .send_limit = max_waiting + spare};
}

std::size_t FeedReaders::count() const noexcept {
  return streams_.size() + late_.size() + server_.subscriber_count(topic_);
}

// --- One reader ----------------------------------------------------------------------------------

// What waits for company, or is on its way, comes with a later delivery.
void FeedReaders::add(ExchangeId reader, std::optional<std::uint64_t> after) {
  go_on(reader, after ? ring_.first_after(*after) : delivered_ + 1);
}

void FeedReaders::drained(ExchangeId reader) {
  const auto found = late_.find(reader);
  if (found == late_.end()) return;
  const std::uint64_t next = found->second;
  late_.erase(found);
  go_on(reader, next);
}

void FeedReaders::go_on(ExchangeId reader, std::uint64_t next) {
  while (next <= delivered_) {
    if (next < ring_.oldest()) return end(reader);
    const std::uint64_t last = ring_.last_within(next, delivered_, piece_size);
    const SendStatus status = send(reader, next, last);
    if (status == SendStatus::refused) return;  // it has gone
    next = last + 1;
    if (status == SendStatus::congested) {
      late_.emplace(reader, next);
      return;
    }
  }
  join(reader);
}

SendStatus FeedReaders::send(ExchangeId reader, std::uint64_t first, std::uint64_t last) {
  if (!is_web_socket(reader)) {
    Exchange* const stream = server_.find(reader);
    if (stream == nullptr) return SendStatus::refused;
    return stream->write(stream_event(ring_.lines(first, last), last));
  }
  Connection* const peer = server_.find(reader.connection);
  SendStatus status = peer == nullptr ? SendStatus::refused : SendStatus::ok;
  for (std::uint64_t id = first; id <= last && status != SendStatus::refused; ++id) {
    status = peer->send_text(ring_.line(id));
  }
  return status;
}

void FeedReaders::join(ExchangeId reader) {
  if (!is_web_socket(reader)) {
    streams_.push_back(reader);
  } else if (Connection* const peer = server_.find(reader.connection)) {
    join_topic(*peer);
  }
}

void FeedReaders::join_topic(Connection& peer) {
  peer.subscribe(topic_);
  // Those that have gone are forgotten now and then.
  if (websockets_.size() > 2 * server_.subscriber_count(topic_) + 16) {
    std::erase_if(websockets_, [this](ConnectionId id) { return server_.find(id) == nullptr; });
  }
  websockets_.push_back(peer.id());
  headroom_ = std::min(headroom_, max_waiting - std::min(max_waiting, peer.queued_bytes()));
}

// Whoever comes back goes on where it was, as far as that is kept.
void FeedReaders::end(ExchangeId reader) {
  if (!is_web_socket(reader)) {
    if (Exchange* const stream = server_.find(reader)) stream->finish();
  } else if (Connection* const peer = server_.find(reader.connection)) {
    peer->close(CloseCode::try_again_later, "too slow: the next event is no longer kept");
  }
}

std::string FeedReaders::delivered_after(std::uint64_t id) const {
  const std::uint64_t first = ring_.first_after(id);
  if (first > delivered_) return {};
  return ring_.lines(first, ring_.last_within(first, delivered_, piece_size));
}

// --- All of them ---------------------------------------------------------------------------------

void FeedReaders::deliver(std::string_view lines, std::uint64_t last_id) {
  const std::uint64_t next = std::exchange(delivered_, last_id) + 1;
  set_back_slow(lines.size(), next);
  server_.publish(topic_, text_message(lines.substr(0, lines.size() - 1)));
  push_to_streams(lines, next, last_id);
  look_after_late();
}

// Publishing tells nobody who has been left out: those who would be are found before. Each of them
// is told when what waits for it has left.
void FeedReaders::set_back_slow(std::size_t size, std::uint64_t next) {
  const std::size_t cost = size + around_event;
  if (cost <= headroom_) {
    headroom_ -= cost;
    return;
  }
  std::size_t most = 0;
  std::erase_if(websockets_, [&](ConnectionId id) {
    Connection* const peer = server_.find(id);
    if (peer == nullptr || !peer->is_open()) return true;
    const std::size_t queued = peer->queued_bytes();
    const bool slow = queued + cost > max_waiting;
    if (slow) {
      peer->unsubscribe(topic_);
      late_.emplace(ExchangeId{.connection = id}, next);
    } else {
      most = std::max(most, queued);
    }
    return slow;
  });
  headroom_ = max_waiting - std::min(max_waiting, most + cost);
}

void FeedReaders::push_to_streams(std::string_view lines, std::uint64_t next,
                                  std::uint64_t last_id) {
  if (streams_.empty()) return;
  const SharedBytes chunk = http::encode_chunk(as_bytes(stream_event(lines, last_id)));
  std::erase_if(streams_, [&](ExchangeId id) {
    Exchange* const stream = server_.find(id);
    if (stream == nullptr) return true;
    if (stream->write_shared(chunk) != SendStatus::refused) return false;
    late_.emplace(id, next);
    return true;
  });
}

void FeedReaders::look_after_late() {
  std::erase_if(late_, [this](const auto& entry) {
    const auto& [reader, next] = entry;
    if (next < ring_.oldest()) {
      end(reader);
      return true;
    }
    return is_web_socket(reader) ? server_.find(reader.connection) == nullptr
                                 : server_.find(reader) == nullptr;
  });
}

void FeedReaders::finish_streams() {
  for (const auto& [reader, next] : std::exchange(late_, {})) streams_.push_back(reader);
  for (const ExchangeId id : std::exchange(streams_, {})) {
    if (Exchange* const stream = server_.find(id)) stream->finish();
  }
}

}  // namespace duplex::tools

// Entries for a stream of Redis; see stream_writer.h.
#include "cluster/stream_writer.h"

#include <algorithm>
#include <utility>

#include "events/ids.h"
#include "net/reactor.h"

namespace duplex::cluster {
namespace {

const std::string& later_of(const std::string& one, const std::string& other) noexcept {
  return is_before(one, other) ? other : one;
}

}  // namespace

StreamWriter::StreamWriter(std::shared_ptr<Hub> hub, std::shared_ptr<const StreamReader> reader,
                           std::string stream, const StreamOptions& options)
    : hub_(std::move(hub)),
      reader_(std::move(reader)),
      stream_(std::move(stream)),
      max_length_(std::to_string(options.max_length)),
      max_pending_(options.max_pending),
      name_(events::new_id(hub_->loop.kernel())) {}

void StreamWriter::add(Entry entry) {
  if (waiting_.size() >= max_pending_) {
    hub_->complain("stream '" + stream_ + "': " + std::to_string(max_pending_) +
                   " events wait for Redis, one more is for this server alone");
    return tell(entry.done, {});
  }
  waiting_.push_back({std::move(entry), name_ + ":" + std::to_string(next_ref_++)});
  send_all();
}

// Not while it is unclear what has arrived: what comes later must not overtake. Nor while there is
// no connection: the answers to what was sent before fail one by one.
bool StreamWriter::may_send() const noexcept {
  return hub_->client.is_connected() && !reader_->position().empty() && !is_looking_ && lost_ == 0;
}

void StreamWriter::send_all() {
  const auto self = shared_from_this();  // who hears that one is refused may end the server
  while (may_send() && added_ + sent_ < waiting_.size()) {
    if (send(waiting_[added_ + sent_])) {
      ++sent_;
    } else if (!make_room()) {
      return retry_later();
    }
  }
}

redis::Command StreamWriter::command_for(const Waiting& waiting) const {
  const auto& [uid, nsp, fields, done] = waiting.entry;
  return {"XADD", stream_, "MAXLEN", "~",         max_length_, "*",         "uid", uid,
          "nsp",  nsp,     "type",   fields.type, "data",      fields.data, "ref", waiting.ref};
}

// False when too much waits for Redis.
bool StreamWriter::send(const Waiting& waiting) {
  return hub_->client.command(command_for(waiting),
                              [weak = weak_from_this()](const redis::Reply& reply) {
                                if (const auto self = weak.lock()) self->on_added(reply);
                              });
}

// One that can never be sent is in the way of all others.
bool StreamWriter::make_room() {
  const std::size_t next = added_ + sent_;
  const std::size_t size = codec::write_resp_command(command_for(waiting_[next])).size();
  const std::size_t limit = hub_->options.client.max_pending_size;
  if (size <= limit) return false;
  refuse(next, "an event takes " + std::to_string(size) + " bytes, and " + std::to_string(limit) +
                   " is the limit: it is for this server alone");
  return true;
}

void StreamWriter::retry_later() {
  if (std::exchange(is_retrying_, true)) return;
  hub_->loop.run_after(std::chrono::milliseconds(100), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->is_retrying_ = false;
    self->send_all();
  });
}

// Answers come in the order of the commands.
void StreamWriter::on_added(const redis::Reply& reply) {
  if (early_ > 0) return static_cast<void>(--early_);
  if (reply) {
    --sent_;
    last_ = waiting_[added_++].offset = reply->text;
  } else if (reply.error().refused) {
    --sent_;
    refuse(added_, reply.error().message);
  } else if (++lost_ == sent_) {
    look_for_lost();
  }
}

void StreamWriter::refuse(std::size_t index, const std::string& why) {
  const Done done = std::move(waiting_[index].entry.done);
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
  hub_->complain("stream '" + stream_ + "': " + why);
  tell(done, {});
}

// Whether the first one is over with this: it is this, or Redis has forgotten it unread.
bool StreamWriter::passes_first(const StreamEntry& entry) const {
  if (waiting_.empty()) return false;
  const Waiting& first = waiting_.front();
  if (added_ > 0) return !is_before(entry.offset, first.offset);
  return sent_ > 0 && entry.ref == first.ref;
}

void StreamWriter::on_read(const StreamEntry& entry) {
  const auto self = shared_from_this();
  while (passes_first(entry)) {
    if (added_ > 0) {
      --added_;
    } else {
      --sent_;
      last_ = entry.offset;
      lost_ > 0 ? --lost_ : ++early_;
    }
    finish_first(entry.offset);
  }
}

void StreamWriter::finish_first(std::string_view offset) {
  const Waiting first = std::move(waiting_.front());
  waiting_.pop_front();
  tell(first.entry.done, first.offset.empty() ? offset : first.offset);
}

void StreamWriter::tell(const Done& done, std::string_view offset) const {
  if (done) hub_->loop.reactor().guard([&] { done(offset); });
}

// --- After a lost connection ---------------------------------------------------------------------

// What the reader has come past was found by it.
void StreamWriter::look_for_lost() {
  is_looking_ = true;
  look_behind(later_of(last_, reader_->position()));
}

void StreamWriter::look_again_later() {
  hub_->loop.run_after(std::chrono::seconds(1), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->look_for_lost();
  });
}

void StreamWriter::look_behind(const std::string& offset) {
  const std::string after = "(" + offset;
  const std::string count = std::to_string(page_);
  const auto on_reply = [weak = weak_from_this()](const redis::Reply& reply) {
    if (const auto self = weak.lock()) self->on_found(reply);
  };
  const bool is_asked =
      hub_->client.command({"XRANGE", stream_, after, "+", "COUNT", count}, on_reply);
  if (!is_asked) look_again_later();
}

// Nothing is sent again before Redis has said what it has.
void StreamWriter::on_found(const redis::Reply& reply) {
  if (!reply && !reply.error().refused) {
    page_ = std::max<std::size_t>(page_ / 2, 1);
    return look_for_lost();
  }
  if (!reply) {
    hub_->complain("stream '" + stream_ + "': " + reply.error().message);
    return look_again_later();
  }
  std::string offset;
  for (const codec::RespValue& item : reply->items) {
    const StreamEntry entry = StreamEntry::of(item);
    take_found(entry);
    offset = entry.offset;
  }
  if (lost_ > 0 && reply->items.size() >= page_) return look_behind(offset);
  finish_search();
}

// They were sent in order: those that have arrived are the first ones.
void StreamWriter::take_found(const StreamEntry& entry) {
  if (lost_ == 0 || entry.ref != waiting_[added_].ref) return;
  --lost_;
  --sent_;
  last_ = waiting_[added_++].offset = entry.offset;
}

void StreamWriter::finish_search() {
  sent_ = 0;
  is_looking_ = false;
  page_ = most_entries;
  if (const std::size_t again = std::exchange(lost_, 0)) {
    hub_->complain("stream '" + stream_ + "': " + std::to_string(again) + " events are sent again");
  }
  send_all();
}

}  // namespace duplex::cluster

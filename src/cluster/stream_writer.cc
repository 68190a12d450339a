// Entries for a stream of Redis; see stream_writer.h.
#include "cluster/stream_writer.h"

#include <utility>

#include "events/ids.h"

namespace duplex::cluster {

StreamWriter::StreamWriter(Hub& hub, std::string stream, const StreamOptions& options)
    : hub_(hub),
      stream_(std::move(stream)),
      options_(options),
      name_(events::new_id(hub.loop.kernel())) {}

void StreamWriter::add(Entry entry) {
  if (waiting_.size() >= options_.max_pending) {
    hub_.complain("stream '" + stream_ + "': " + std::to_string(options_.max_pending) +
                  " events wait for Redis, one more is for this server alone");
    if (entry.done) entry.done({});
    return;
  }
  waiting_.push_back({std::move(entry), name_ + ":" + std::to_string(next_ref_++)});
  send_all();
}

// Not while it is unclear what has arrived: what comes later must not overtake.
void StreamWriter::send_all() {
  while (!is_looking_ && lost_ == 0 && added_ + sent_ < waiting_.size()) {
    if (!send(waiting_[added_ + sent_])) return retry_later();
    ++sent_;
  }
}

// False when too much waits for Redis.
bool StreamWriter::send(const Waiting& waiting) {
  const auto& [uid, nsp, fields, done] = waiting.entry;
  const std::string length = std::to_string(options_.max_length);
  return hub_.client.command({"XADD", stream_, "MAXLEN", "~", length, "*", "uid", uid, "nsp", nsp,
                              "type", fields.type, "data", fields.data, "ref", waiting.ref},
                             [weak = weak_from_this()](const redis::Reply& reply) {
                               if (const auto self = weak.lock()) self->on_added(reply);
                             });
}

void StreamWriter::retry_later() {
  hub_.loop.run_after(std::chrono::milliseconds(100), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->send_all();
  });
}

// Answers come in the order of the commands.
void StreamWriter::on_added(const redis::Reply& reply) {
  if (early_ > 0) return static_cast<void>(--early_);
  if (reply) {
    --sent_;
    last_ = waiting_[added_++].offset = reply->text;
    return;
  }
  hub_.complain("stream '" + stream_ + "': " + reply.error().message);
  if (!reply.error().refused) {
    if (++lost_ == sent_) look_for_lost();
    return;
  }
  --sent_;
  const Done done = std::move(waiting_[added_].entry.done);
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(added_));
  if (done) done({});
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
  if (first.entry.done) first.entry.done(first.offset.empty() ? offset : first.offset);
}

// --- After a lost connection ---------------------------------------------------------------------

void StreamWriter::look_for_lost() {
  is_looking_ = true;
  const std::string after = "(" + last_;
  const auto on_reply = [weak = weak_from_this()](const redis::Reply& reply) {
    if (const auto self = weak.lock()) self->on_found(reply);
  };
  if (hub_.client.command({"XRANGE", stream_, after, "+"}, on_reply)) return;
  hub_.loop.run_after(std::chrono::seconds(1), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->look_for_lost();
  });
}

// They were sent in order: those that have arrived are the first ones.
void StreamWriter::on_found(const redis::Reply& reply) {
  if (!reply && !reply.error().refused) return look_for_lost();
  const Offsets offsets = reply ? offsets_of_first(*reply) : Offsets();
  for (const std::string& offset : offsets) last_ = waiting_[added_++].offset = offset;
  const std::size_t again = std::exchange(lost_, 0) - offsets.size();
  hub_.complain("stream '" + stream_ + "': " + std::to_string(again) + " events are sent again");
  sent_ = 0;
  is_looking_ = false;
  send_all();
}

StreamWriter::Offsets StreamWriter::offsets_of_first(const codec::RespValue& entries) const {
  Offsets offsets;
  for (const codec::RespValue& item : entries.items) {
    const StreamEntry entry = StreamEntry::of(item);
    const bool is_next =
        offsets.size() < lost_ && entry.ref == waiting_[added_ + offsets.size()].ref;
    if (is_next) offsets.push_back(entry.offset);
  }
  return offsets;
}

}  // namespace duplex::cluster

// What a namespace keeps for clients whose connection was lost; see recovery.h.
#include "duplex/socketio/recovery.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>
#include <utility>

namespace duplex::socketio {
namespace {

using Names = std::unordered_set<std::string_view>;

bool has_one(const Names& names, const std::vector<std::string>& of) {
  return std::ranges::any_of(of, [&](const std::string& name) { return names.contains(name); });
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

std::size_t size_of(const std::vector<std::string>& names) {
  std::size_t size = 0;
  for (const std::string& name : names) size += sizeof(std::string) + name.size();
  return size;
}

}  // namespace

std::size_t Recovery::bytes_of(const JsonArray& values) {
  std::size_t size = 0;
  for (const Json& value : values) size += codec::bytes_in_memory(value);
  return size;
}

void Recovery::keep(JsonArray& values, std::vector<std::string> rooms,
                    std::vector<std::string> except, Time now) {
  values.emplace_back(std::to_string(first_ + events_.size()));
  Kept event = {values, std::move(rooms), std::move(except), now};
  event.bytes =
      sizeof(event) + bytes_of(event.values) + size_of(event.rooms) + size_of(event.except);
  bytes_ += event.bytes;
  events_.push_back(std::move(event));
  forget(now);
}

void Recovery::save(const std::string& secret, Session session, Time now) {
  forget(now);
  drop(sessions_.find(secret));
  if (sessions_.size() >= options_.max_sessions) return;
  const std::size_t bytes = sizeof(Away) + size_of(session.rooms);
  session_bytes_ += bytes;
  sessions_[secret] = {std::move(session), now, bytes};
  while (session_bytes_ > options_.max_session_bytes) drop(largest());
}

Recovery::Sessions::iterator Recovery::largest() {
  return std::ranges::max_element(
      sessions_, {}, [](const Sessions::value_type& entry) { return entry.second.bytes; });
}

Recovery::Sessions::iterator Recovery::drop(Sessions::iterator session) {
  if (session == sessions_.end()) return session;
  session_bytes_ -= session->second.bytes;
  return sessions_.erase(session);
}

std::optional<Recovery::Restored> Recovery::restore(const std::string& secret,
                                                    std::string_view offset, Time now) {
  forget(now);
  const auto found = sessions_.find(secret);
  const bool is_kept = found != sessions_.end() && !is_old(found->second.time, now);
  const auto seen = number_of(offset);
  // Whatever came after the offset must be known still.
  const bool known = seen && *seen + 1 >= first_ && *seen < first_ + events_.size();
  Restored restored;
  if (is_kept) restored.session = std::move(found->second.session);
  drop(found);
  if (!is_kept || !known) return std::nullopt;
  const Names rooms(restored.session.rooms.begin(), restored.session.rooms.end());
  for (std::size_t i = *seen + 1 - first_; i < events_.size(); ++i) {
    const Kept& event = events_[i];
    const bool meant = event.rooms.empty() || has_one(rooms, event.rooms);
    if (meant && !has_one(rooms, event.except)) restored.missed.push_back(event.values);
  }
  return restored;
}

bool Recovery::awaits_somebody(Time now) const {
  return std::ranges::any_of(sessions_,
                             [&](const auto& entry) { return !is_old(entry.second.time, now); });
}

void Recovery::forget(Time now) {
  const auto is_too_much = [this] {
    return events_.size() > options_.max_events || bytes_ > options_.max_event_bytes;
  };
  while (!events_.empty() && (is_too_much() || is_old(events_.front().time, now))) {
    bytes_ -= events_.front().bytes;
    events_.pop_front();
    ++first_;
  }
  // Now and then: each one costs a look.
  if (now - swept_ < options_.max_disconnection / 8) return;
  swept_ = now;
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    session = is_old(session->second.time, now) ? drop(session) : std::next(session);
  }
}

}  // namespace duplex::socketio

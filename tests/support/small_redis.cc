// A Redis of a simulated world; see small_redis.h.
#include "small_redis.h"

#include <algorithm>
#include <utility>

#include "resp.h"

namespace duplex::support {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(c | 0x20);
  return text;
}

// "1002-0" before "1010-0".
bool is_before(const std::string& one, const std::string& other) {
  return std::stoull(one) < std::stoull(other);
}

std::string integer(std::size_t number) { return ":" + std::to_string(number) + "\r\n"; }

}  // namespace

// --- Commands ------------------------------------------------------------------------------------

bool SmallRedis::on_command(Peer& peer, const Words& words) {
  const bool is_kept = peer.is_in_transaction && words[0] != "EXEC";
  if (is_kept) peer.transaction.push_back(words);
  peer.queue += is_kept ? "+QUEUED\r\n" : answer(peer, words);
  return words[0] != loses_;
}

std::string SmallRedis::answer(Peer& peer, const Words& words) {
  const std::string& name = words[0];
  if (const auto why = refused_.find(name); why != refused_.end() && !why->second.empty()) {
    return "-" + why->second + "\r\n";
  }
  if (name.ends_with("SUBSCRIBE")) return change_subscription(peer, words);
  if (name.ends_with("PUBLISH")) return publish(words[1], words[2]), integer(1);
  if (name == "PUBSUB") return count(words);
  if (name == "XADD") return resp_bulk(add(words[1], {words.begin() + 6, words.end()}));
  if (name == "XRANGE" || name == "XREVRANGE") return range(words);
  if (name == "MULTI") return peer.is_in_transaction = true, "+OK\r\n";
  if (name == "EXEC") return execute(peer);
  if (name == "SET") return keys_[words[1]] = words[2], "+OK\r\n";
  if (name == "DEL") return integer(keys_.erase(words[1]));
  if (name == "GET") return keys_.contains(words[1]) ? resp_bulk(keys_[words[1]]) : "$-1\r\n";
  if (name == "XREAD") {
    ++reads_;
    if (!spoilt_.empty()) return spoilt_;
    peer.reads = words[6];
    peer.after = words[7];
    peer.most = std::stoull(words[2]);
    wake(peer);
    return {};
  }
  return "+PONG\r\n";
}

std::string SmallRedis::execute(Peer& peer) {
  peer.is_in_transaction = false;
  std::vector<std::string> answers;
  for (const Words& words : std::exchange(peer.transaction, {})) {
    answers.push_back(answer(peer, words));
  }
  return resp_array(answers);
}

// --- Channels ------------------------------------------------------------------------------------

std::string SmallRedis::change_subscription(Peer& peer, const Words& words) {
  const std::string kind = lower(words[0]);
  const std::size_t un = kind.find("unsub");
  if (un == std::string::npos) {
    peer.channels.insert(kind + " " + words[1]);
  } else {
    peer.channels.erase(kind.substr(0, un) + kind.substr(un + 2) + " " + words[1]);
  }
  return resp_array({resp_bulk(kind), resp_bulk(words[1]), integer(peer.channels.size())});
}

void SmallRedis::publish(const std::string& channel, const std::string& message) {
  published_.push_back({channel, message});
  for (const auto& peer : peers()) {
    for (const std::string& each : peer->channels) {
      const std::size_t space = each.find(' ');
      const std::string kind = each.substr(0, space);
      const std::string name = each.substr(space + 1);
      if (kind == "psubscribe" && channel.starts_with(name.substr(0, name.size() - 1))) {
        peer->queue += resp_array(
            {resp_bulk("pmessage"), resp_bulk(name), resp_bulk(channel), resp_bulk(message)});
      } else if (kind != "psubscribe" && name == channel) {
        peer->queue += resp_array({resp_bulk(kind == "subscribe" ? "message" : "smessage"),
                                   resp_bulk(channel), resp_bulk(message)});
      }
    }
  }
}

std::size_t SmallRedis::subscribers(const std::string& channel) const {
  return static_cast<std::size_t>(std::ranges::count_if(peers(), [&](const auto& peer) {
    return peer->channels.contains("subscribe " + channel) ||
           peer->channels.contains("ssubscribe " + channel);
  }));
}

std::string SmallRedis::count(const Words& words) const {
  return resp_array({resp_bulk(words[2]), integer(subscribers(words[2]))});
}

// --- Streams -------------------------------------------------------------------------------------

std::string SmallRedis::add(const std::string& stream, const Words& fields) {
  const std::string offset = std::to_string(1000 + next_++) + "-0";
  streams_[stream].push_back({offset, fields});
  for (const auto& peer : peers()) wake(*peer);
  return offset;
}

std::string SmallRedis::entries_after(const std::string& stream, const std::string& offset,
                                      bool itself, std::size_t most) {
  std::vector<std::string> found;
  for (const Entry& entry : streams_[stream]) {
    const bool is_there = is_before(offset, entry.offset) || (itself && entry.offset == offset);
    if (!is_there || found.size() == most) continue;
    std::vector<std::string> fields;
    for (const std::string& field : entry.fields) fields.push_back(resp_bulk(field));
    found.push_back(resp_array({resp_bulk(entry.offset), resp_array(fields)}));
  }
  return resp_array(found);
}

// XRANGE stream (a + [COUNT 10], XRANGE stream a a, XREVRANGE stream + - COUNT 1.
std::string SmallRedis::range(const Words& words) {
  if (words[0] == "XREVRANGE") {
    const auto& stream = streams_[words[1]];
    return stream.empty() ? "*0\r\n" : entries_after(words[1], stream.back().offset, true);
  }
  if (words[2].starts_with('(')) {
    if (!spoilt_range_.empty()) return spoilt_range_;
    const std::size_t most = words.size() > 5 ? std::stoull(words[5]) : std::string::npos;
    const auto& stream = streams_[words[1]];
    const auto found = std::ranges::count_if(
        stream, [&](const Entry& each) { return is_before(words[2].substr(1), each.offset); });
    longest_range_ = std::max(longest_range_, std::min(most, static_cast<std::size_t>(found)));
    return entries_after(words[1], words[2].substr(1), false, most);
  }
  for (const Entry& entry : streams_[words[1]]) {
    if (entry.offset == words[2]) {
      return resp_array({resp_array({resp_bulk(entry.offset), "*0\r\n"})});
    }
  }
  return "*0\r\n";
}

void SmallRedis::answer_reads(const std::string& reply) {
  for (const auto& peer : peers()) {
    if (!std::exchange(peer->reads, {}).empty()) peer->queue += reply;
  }
}

void SmallRedis::wake(Peer& peer) {
  if (peer.reads.empty()) return;
  const std::string entries = entries_after(peer.reads, peer.after, false, peer.most);
  if (entries == "*0\r\n") return;
  const std::string stream = std::exchange(peer.reads, {});
  peer.queue += resp_array({resp_array({resp_bulk(stream), entries})});
}

}  // namespace duplex::support

// A Redis of a simulated world that does what the adapters need: channels, one key's worth of SET,
// streams. Listens on 127.0.0.1:6379. Its streams and keys outlive stop().
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "resp_server.h"

namespace duplex::support {

struct SmallRedisPeer : RespPeer {
  std::set<std::string> channels = {};  // "subscribe name", "psubscribe name", "ssubscribe name"
  std::vector<RespWords> transaction = {};
  bool is_in_transaction = false;
  std::string reads = {};  // the stream that an XREAD waits for
  std::string after = {};
  std::size_t most = 0;  // entries that it takes at once
};

class SmallRedis final : public RespServer<SmallRedisPeer> {
 public:
  using Words = RespWords;

  explicit SmallRedis(simulation::World& world) : RespServer(world) {}

  // The next commands of that name are carried out, and their connections are lost before the
  // answer.
  void lose_answer_to(const std::string& name) { loses_ = name; }

  // Commands of that name are refused, until this is called for it with nothing.
  void refuse(const std::string& name, const std::string& why) { refused_[name] = why; }

  // Whoever waits for entries is told this instead; "*-1\r\n": that there are none.
  void answer_reads(const std::string& reply);
  // The next XREADs are answered so, at once; empty: not any more.
  void spoil_reads(const std::string& reply) { spoilt_ = reply; }
  // Who asks for entries behind another is answered so.
  void spoil_ranges(const std::string& reply) { spoilt_range_ = reply; }
  // Entries are gone, and the ids of those that come begin with this.
  void begin_anew(const std::string& stream, std::size_t next) {
    streams_.erase(stream);
    next_ = next - 1000;
  }
  std::size_t reads() const noexcept { return reads_; }  // XREADs that have come

  // For tests to look into, and to speak as another server.
  void publish(const std::string& channel, const std::string& message);
  std::string add(const std::string& stream, const Words& fields);
  std::size_t stream_size(const std::string& stream) { return streams_[stream].size(); }
  std::size_t subscribers(const std::string& channel) const;
  const std::vector<Words>& published() const noexcept { return published_; }
  std::map<std::string, std::string>& keys() noexcept { return keys_; }
  std::size_t longest_range() const noexcept { return longest_range_; }  // entries, of XRANGE

 private:
  using Peer = SmallRedisPeer;
  struct Entry {
    std::string offset;
    Words fields;
  };

  bool on_command(Peer& peer, const Words& words) override;
  std::string answer(Peer& peer, const Words& words);
  std::string change_subscription(Peer& peer, const Words& words);
  std::string range(const Words& words);
  std::string count(const Words& words) const;
  std::string execute(Peer& peer);
  void wake(Peer& peer);
  std::string entries_after(const std::string& stream, const std::string& offset, bool itself,
                            std::size_t most = std::string::npos);

  std::map<std::string, std::deque<Entry>> streams_ = {};
  std::map<std::string, std::string> keys_ = {};
  std::vector<Words> published_ = {};
  std::string loses_ = {};
  std::map<std::string, std::string> refused_ = {};
  std::size_t longest_range_ = 0;
  std::size_t next_ = 1;
  std::string spoilt_ = {};
  std::string spoilt_range_ = {};
  std::size_t reads_ = 0;
};

}  // namespace duplex::support

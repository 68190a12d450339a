// Reads a stream of Redis entry by entry, from where it stood when this began.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cluster/hub.h"
#include "cluster/stream_entry.h"

namespace duplex::cluster {

struct StreamReaderHandlers {
  std::function<void()> on_place;  // from here on there is a position()
  // What it throws goes to EventLoop::on_exception, and the next entry follows.
  std::function<void(const StreamEntry&)> on_entry;
};

// Owner: the adapters of one server. Has a connection of its own, which mostly waits. After a lost
// connection it goes on behind the last entry that it has read.
class StreamReader : public std::enable_shared_from_this<StreamReader> {
 public:
  StreamReader(std::shared_ptr<Hub> hub, std::string_view url, std::string stream,
               const StreamOptions& options, StreamReaderHandlers handlers);
  void start();

  // Of the entry it has read last; empty until Redis has told where the stream ends.
  const std::string& position() const noexcept { return last_; }

 private:
  void ask_where_it_ends();
  void begin(const redis::Reply& reply);
  void read();
  void on_reply(const redis::Reply& reply);
  std::size_t on_entries(const redis::Reply& reply);
  void look_for_a_new_beginning();
  void read_after(std::chrono::milliseconds pause);
  void after_failure(const redis::Error& error, void (StreamReader::*again)());

  std::shared_ptr<Hub> hub_;
  std::string stream_;
  std::chrono::milliseconds read_timeout_;
  StreamReaderHandlers handlers_;
  redis::Client client_;
  std::string last_ = {};
  net::Clock::time_point asked_ = {};
  bool is_told_ = false;  // that Redis answers too early
  // Entries that are asked for at once: fewer after a failure, as they may have been too large for
  // one reply.
  static constexpr std::size_t most_entries = 100;
  std::size_t count_ = most_entries;
};

}  // namespace duplex::cluster

// Reads a stream of Redis entry by entry, from where it stood when this began.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cluster/hub.h"
#include "cluster/stream_entry.h"

namespace duplex::cluster {

// Owner: the adapters of one server. Has a connection of its own, which mostly waits. After a lost
// connection it goes on behind the last entry that it has read.
class StreamReader : public std::enable_shared_from_this<StreamReader> {
 public:
  using Handler = std::function<void(const StreamEntry&)>;

  StreamReader(Hub& hub, std::string_view url, std::string stream, const StreamOptions& options,
               Handler on_entry);
  void start();

  const std::string& position() const noexcept { return last_; }  // of the entry it has read last

 private:
  void ask_where_it_ends();
  void read();
  void on_entries(const redis::Reply& reply);
  void after_failure(const redis::Error& error, void (StreamReader::*again)());

  Hub& hub_;
  std::string stream_;
  std::string block_;  // milliseconds
  Handler on_entry_;
  redis::Client client_;
  std::string last_ = {};  // offset of the last entry that was read
};

}  // namespace duplex::cluster

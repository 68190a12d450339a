// Entries for a stream of Redis, in their order: each once, also when the connection is lost with
// some of them on their way.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cluster/hub.h"
#include "cluster/stream_entry.h"
#include "socketio/cluster_messages.h"

namespace duplex::cluster {

// Owner: the adapters of one server. An entry that may or may not have arrived is looked for before
// it is sent again: for that each carries the writer's name and a number of its own ("ref"). Done
// is what a StreamReader has read back.
class StreamWriter : public std::enable_shared_from_this<StreamWriter> {
 public:
  using Done = std::function<void(std::string_view offset)>;  // empty: it is not in the stream

  StreamWriter(Hub& hub, std::string stream, const StreamOptions& options);

  struct Entry {
    std::string uid = {};
    std::string nsp = {};
    socketio::StreamFields fields = {};
    Done done = {};  // may be null
  };
  void add(Entry entry);
  void on_read(const StreamEntry& entry);  // of anybody

 private:
  struct Waiting {
    Entry entry;
    std::string ref;
    std::string offset = {};  // once it is known
  };

  using Offsets = std::vector<std::string>;

  bool send(const Waiting& waiting);
  void retry_later();
  void on_added(const redis::Reply& reply);
  void look_for_lost();
  void on_found(const redis::Reply& reply);
  Offsets offsets_of_first(const codec::RespValue& entries) const;
  void send_all();
  void finish_first(std::string_view offset);
  bool passes_first(const StreamEntry& entry) const;

  Hub& hub_;
  std::string stream_;
  StreamOptions options_;
  std::string name_;
  std::uint64_t next_ref_ = 0;
  // First those that Redis has added, then those that are on their way, then those that wait.
  std::deque<Waiting> waiting_ = {};
  std::size_t added_ = 0;
  std::size_t sent_ = 0;
  std::size_t lost_ = 0;      // the first of the sent ones, whose answers were lost
  std::size_t early_ = 0;     // answers that are due to entries that have been read already
  bool is_looking_ = false;   // whether the first ones have arrived
  std::string last_ = "0-0";  // the last offset that Redis has told
};

}  // namespace duplex::cluster

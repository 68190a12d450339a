// Entries for a stream of Redis, in their order: each once, also when the connection is lost with
// some of them on their way.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "cluster/hub.h"
#include "cluster/stream_entry.h"
#include "cluster/stream_reader.h"
#include "socketio/cluster_messages.h"

namespace duplex::cluster {

// Owner: the adapters of one server. An entry that may or may not have arrived is looked for before
// it is sent again: for that each carries the writer's name and a number of its own ("ref"). Done
// is what the StreamReader has read back: nothing is sent before that knows where it reads.
class StreamWriter : public std::enable_shared_from_this<StreamWriter> {
 public:
  // Empty: it is not in the stream. What it throws goes to EventLoop::on_exception.
  using Done = std::function<void(std::string_view offset)>;

  StreamWriter(std::shared_ptr<Hub> hub, std::shared_ptr<const StreamReader> reader,
               std::string stream, const StreamOptions& options);

  struct Entry {
    std::string uid = {};
    std::string nsp = {};
    socketio::StreamFields fields = {};
    Done done = {};  // may be null
  };
  void add(Entry entry);
  // As many as can be; also to be called when Redis is connected, or the reader has its place.
  void send_all();
  void on_read(const StreamEntry& entry);  // of anybody

 private:
  struct Waiting {
    Entry entry;
    std::string ref;
    std::string offset = {};  // once it is known
  };

  bool may_send() const noexcept;
  redis::Command command_for(const Waiting& waiting) const;
  bool send(const Waiting& waiting);
  bool make_room();
  void retry_later();
  void on_added(const redis::Reply& reply);
  void refuse(std::size_t index, const std::string& why);
  void look_for_lost();
  void look_again_later();
  void look_behind(const std::string& offset);
  void on_found(const redis::Reply& reply);
  void take_found(const StreamEntry& entry);
  void finish_search();
  void finish_first(std::string_view offset);
  void tell(const Done& done, std::string_view offset) const;
  bool passes_first(const StreamEntry& entry) const;

  std::shared_ptr<Hub> hub_;
  std::shared_ptr<const StreamReader> reader_;
  std::string stream_;
  std::string max_length_;  // entries
  std::size_t max_pending_;
  std::string name_;
  std::uint64_t next_ref_ = 0;
  // First those that Redis has added, then those that are on their way, then those that wait.
  std::deque<Waiting> waiting_ = {};
  std::size_t added_ = 0;
  std::size_t sent_ = 0;
  std::size_t lost_ = 0;      // the first of the sent ones, whose answers were lost
  std::size_t early_ = 0;     // answers that are due to entries that have been read already
  bool is_looking_ = false;   // whether the first ones have arrived
  bool is_retrying_ = false;  // a timer runs
  std::string last_ = "0-0";  // the last offset that Redis has told
  // Entries that are looked through at once: fewer after a failure, as they may have been too large
  // for one reply.
  static constexpr std::size_t most_entries = 100;
  std::size_t page_ = most_entries;
};

}  // namespace duplex::cluster

// Clients that were lost, kept in Redis for whichever server they come again to, and what they have
// missed in its stream.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "cluster/hub.h"
#include "cluster/stream_entry.h"
#include "cluster/stream_reader.h"
#include "duplex/events/adapter.h"

namespace duplex::cluster {

// Of one namespace. Owner: its adapter; handlers are not called after its destruction.
class LostSockets : public std::enable_shared_from_this<LostSockets> {
 public:
  using Handler = std::function<void(std::optional<events::FoundSocket>)>;

  LostSockets(std::shared_ptr<Hub> hub, std::shared_ptr<const StreamReader> reader,
              std::string stream, std::string nsp);

  // For so long; under the key "sio:session:<secret>".
  void save(const std::string& secret, const events::LostSocket& socket,
            std::chrono::milliseconds time);
  // Once. `offset` is the last event that the client has.
  void restore(const std::string& secret, const std::string& offset, Handler handler);

 private:
  static constexpr std::size_t most_entries = 100;
  static constexpr std::size_t most_calls = 1000;  // what else is missed is too much
  struct Search {
    events::FoundSocket found = {};
    std::unordered_set<std::string> rooms = {};  // of the client
    std::string offset = {};
    std::string seen = {};             // where the reader was when it was asked
    std::size_t count = most_entries;  // that are asked for at once
    std::size_t calls = 0;
    Handler handler = {};
  };
  using SharedSearch = std::shared_ptr<Search>;

  void ask(const redis::Command& command, const SharedSearch& search,
           void (LostSockets::*then)(const SharedSearch&, const codec::RespValue&));
  void on_session(const SharedSearch& search, const codec::RespValue& reply);
  void on_first(const SharedSearch& search, const codec::RespValue& reply);
  void on_missed(const SharedSearch& search, const codec::RespValue& reply);
  void read_on(const SharedSearch& search);
  void after_failure(const SharedSearch& search, const redis::Error& error);
  void take(Search& search, const StreamEntry& entry) const;
  void finish(Search& search) const;

  std::shared_ptr<Hub> hub_;
  std::shared_ptr<const StreamReader> reader_;
  std::string stream_;
  std::string nsp_;
};

}  // namespace duplex::cluster

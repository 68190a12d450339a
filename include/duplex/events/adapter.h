// What joins the servers of one Socket.IO application, be they loops of one process or machines: an
// adapter for each namespace, which carries messages between them. LoopGroup makes adapters for the
// loops of one process, duplex/cluster/redis.h some for machines; others may be written.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/net/event_loop.h"
#include "duplex/socketio/cluster.h"

namespace duplex::events {

using socketio::ClusterMessage;
using socketio::Json;
using socketio::JsonArray;
using SharedClusterMessage = std::shared_ptr<const ClusterMessage>;

// A namespace of this server, as its adapter sees it. Thread: its loop's.
class AdapterHost {
 public:
  virtual const std::string& name() const noexcept = 0;  // of the namespace
  virtual net::EventLoop& loop() const noexcept = 0;
  virtual bool has_room(std::string_view room) const noexcept = 0;
  virtual std::vector<std::string> room_names() const = 0;  // in which somebody is
  // A message from another server, or an answer. Returns what this server will not do of it, for
  // people: an event that its clients would not take, rooms beyond a limit. Empty: nothing is
  // wrong. May destroy the adapter.
  virtual std::string receive(const ClusterMessage& message) = 0;
  // A client with this secret has come again elsewhere. If this server still has its old
  // connection, which may be dead without anybody knowing, that one is ended: Adapter::save()
  // follows from inside the call. May destroy the adapter.
  virtual void give_up(const std::string& secret) = 0;

 protected:
  ~AdapterHost() = default;
};

// A client that was lost, and what it has missed meanwhile. Who may come again on any server.
struct LostSocket {
  std::string id = {};
  std::vector<std::string> rooms = {};  // its own first
  Json data = {};                       // of Socket::data(), if that is a Json
};
struct FoundSocket {
  LostSocket socket = {};
  std::vector<JsonArray> missed = {};  // events, each with its offset behind
};

// One namespace's. Owner: the namespace, which calls it on its loop. Handlers that it is given are
// called on the loop too, once, from inside the call or later; not after its destruction.
class Adapter {
 public:
  virtual ~Adapter() = default;

  virtual const std::string& uid() const noexcept = 0;  // of this server, in this namespace

  // To all other servers. `on_published` may be null; else it is called when it is on its way, and
  // for this server to do its own part. Its offset is what a client says to take up behind this
  // event; empty: none.
  using Published = std::function<void(std::string_view offset)>;
  virtual void publish(SharedClusterMessage message, Published on_published) = 0;
  // To the server `uid` alone, or to all, who will know what is not for them.
  virtual void answer(const std::string& uid, SharedClusterMessage message) = 0;
  // How many servers hear what is published, with this one; 1 if nobody can be asked.
  virtual void count_servers(std::function<void(std::size_t count)> handler) = 0;

  // Whether on_room() is to be called: when the first socket of this server has come into a room,
  // and when the last has left.
  virtual bool follows_rooms() const noexcept { return false; }
  virtual void on_room(std::string_view /*room*/, bool /*exists*/) {}

  // --- Recovery ----------------------------------------------------------------------------------
  // Whether it keeps what is published, and lost sockets.
  virtual bool keeps_events() const noexcept { return false; }
  // For so long.
  virtual void save(const std::string& /*secret*/, const LostSocket& /*socket*/,
                    std::chrono::milliseconds /*time*/) {}
  virtual void restore(const std::string& /*secret*/, const std::string& /*offset*/,
                       const std::function<void(std::optional<FoundSocket>)>& handler) {
    handler(std::nullopt);
  }
};

// Called when a namespace comes into being, on its loop; `host` outlives the adapter.
using AdapterFactory = std::function<std::unique_ptr<Adapter>(AdapterHost& host)>;

}  // namespace duplex::events

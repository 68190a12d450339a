// One thread of `duplex serve`: a server on a loop, its routes and its feed.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../lab/lab.h"
#include "../lab/lab_state.h"
#include "duplex/duplex.h"
#include "feed.h"
#include "server_metrics.h"
#include "socket_feed.h"
#include "socket_rooms.h"
#include "tcp_push.h"

namespace duplex::tools {

struct ServeOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 9001;
  std::string unix_path = {};
  std::uint64_t threads = 1;
  bool reuse_port = false;  // with other processes; threads share the port anyway
  std::vector<std::string> hosts = {};
  std::vector<std::string> trusted_proxies = {};
  bool proxy_protocol = false;
  std::uint64_t max_message_size = std::uint64_t{64} << 20;                             // bytes
  std::chrono::nanoseconds ping_interval = websocket::ProtocolOptions{}.ping_interval;  // 0: none
  std::optional<std::uint16_t> tcp_port = {};    // of the raw TCP floor
  std::shared_ptr<SocketCluster> socketio = {};  // null: not spoken
  FeedOptions feed = {};
};

class ServeLoop;
using ServeLoops = std::vector<std::unique_ptr<ServeLoop>>;

// Owner: `serve`, which keeps all of them until every thread has ended. Thread: that of `loop`.
class ServeLoop {
 public:
  // Listens; throws std::system_error. `all` will hold every loop of the program, this one too,
  // before any of them runs.
  ServeLoop(EventLoop& loop, const ServeOptions& options, const ServeLoops& all);

  // From any thread: drains the server, then calls `stopped` on the loop's thread; called again,
  // without one, it drops what is left. The loop runs on.
  void stop(std::function<void()> stopped);

  const Server& server() const noexcept { return server_; }
  const TcpPush* tcp_push() const noexcept { return tcp_push_ ? &*tcp_push_ : nullptr; }

 private:
  void add_echo(std::string_view path);
  void add_http_echo();
  void add_pages();
  void add_client_address();
  ServerMetrics metrics();
  lab::LabLinks lab_links();
  void add_to(lab::LabState& sum, const std::string& race);
  // Answers with what `text` makes of the state of all threads and of that race, if it names one.
  using StateText = std::string (*)(lab::LabState&);
  void answer_state(Exchange& exchange, std::string_view type, std::string race, StateText text);
  // Adds the state of loop `index` and of those after it, each on its own thread, to `sum`.
  void gather(std::size_t index, lab::LabState sum, std::string race,
              std::function<void(lab::LabState)> done);

  const ServeLoops& all_;
  EventLoop& loop_;
  websocket::ProtocolOptions echo_protocol_;
  Server server_;
  Feed feed_;
  lab::Lab lab_;
  std::optional<TcpPush> tcp_push_;
  std::optional<SocketRooms> socket_rooms_;
  std::optional<SocketFeed> socket_feed_;
};

}  // namespace duplex::tools

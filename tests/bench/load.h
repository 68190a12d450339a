// A closed-loop load over bare sockets: so many connections, so many messages under way on each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace duplex::bench {

struct LoadOptions {
  std::uint16_t port = 0;
  bool websocket = true;  // opens WebSockets at "/"; else bytes are sent as they are
  bool socketio = false;  // joins a namespace of Socket.IO instead
  int connections = 1;
  int outstanding = 1;
  std::string message;         // the bytes of one message on the wire
  std::size_t reply_size = 0;  // bytes of the answer to one
};

class Load {
 public:
  explicit Load(LoadOptions options);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Sends messages until `count` have been answered; seconds it took.
  double run(std::uint64_t count);

 private:
  struct Connection {
    int fd = -1;
    std::uint64_t to_send = 0;    // bytes: of messages that may be sent
    std::size_t offset = 0;       // into the message that is being sent
    std::uint64_t received = 0;   // bytes of the present answer
    std::uint64_t under_way = 0;  // messages
    bool wants_write = false;
  };

  void begin(Connection& connection);
  void write(Connection& connection);
  void read(Connection& connection);
  void want_write(Connection& connection, bool wanted);

  LoadOptions options_;
  std::string batch_;  // `outstanding` messages in a row, up to a limit
  std::vector<Connection> connections_;
  int epoll_ = -1;
  std::uint64_t unsent_ = 0;   // messages of this run not yet begun
  std::uint64_t missing_ = 0;  // and not yet answered
};

}  // namespace duplex::bench

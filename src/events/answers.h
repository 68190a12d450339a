// The answers of clients to a broadcast, here and on other servers, as they come.
#pragma once

#include <cstddef>
#include <functional>

#include "duplex/socketio/event.h"

namespace duplex::events {

class Answers {
 public:
  using Json = socketio::Json;
  using Status = socketio::AckStatus;

  explicit Answers(socketio::AckHandler handler) : handler_(std::move(handler)) {}

  // So many more clients are to answer.
  void expect_clients(std::size_t count) noexcept {
    clients_ += static_cast<std::ptrdiff_t>(count);
  }
  // So many other servers will say how many clients they have; some may have done so before.
  void expect_servers(std::size_t count) noexcept;
  void expect_unknown_servers() noexcept { counts_servers_ = true; }
  void give_up_on_servers() noexcept;
  void give_up() noexcept;  // on everybody who is missing

  void server_has(std::size_t clients);  // one of the others
  void take(Status status, Json value);  // of one client
  // Calls the handler once nobody is missing; what is expected must have been said before.
  void finish_if_complete();

  bool is_finished() const noexcept { return handler_ == nullptr; }

 private:
  socketio::AckHandler handler_;
  std::ptrdiff_t clients_ = 0;
  std::ptrdiff_t servers_ = 0;
  bool counts_servers_ = false;
  socketio::AckReply reply_ = {};
};

}  // namespace duplex::events

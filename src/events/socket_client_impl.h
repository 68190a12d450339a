// A Socket.IO client behind its public face: the connection, and when there is to be one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/events/socket_client.h"

namespace duplex::events {

// Owner: a SocketClient, and whoever is in the middle of a call.
class SocketClient::Impl final : public std::enable_shared_from_this<SocketClient::Impl> {
 public:
  Impl(net::EventLoop& loop, std::string_view url, SocketClientOptions options);
  void abandon() noexcept;

  ClientSocketCore& of(std::string_view nsp, ClientSocketOptions options);
  void disconnect_all();
  bool is_open() const noexcept { return engine_ != nullptr && engine_->is_open(); }
  bool is_leaving() const noexcept { return !leaving_.empty(); }
  std::size_t queued_bytes() const noexcept;
  Transport transport() const noexcept;
  void set_query(std::string query) { options_.engine.query = std::move(query); }
  void set_fields(std::vector<endpoint::HeaderField> fields) {
    options_.engine.fields = std::move(fields);
  }

  // --- For its sockets ---------------------------------------------------------------------------
  net::EventLoop& loop() noexcept { return loop_; }
  void want_connection();  // unless there is one, or will be
  bool is_coming() const noexcept { return engine_ != nullptr || timer_ != net::TimerId::none; }
  void release_connection();  // unless another socket wants it
  // What is wrong with the packet; empty: nothing.
  std::string send(const socketio::Packet& packet, bool compress = true);
  bool is_writable() const noexcept { return engine_ != nullptr && engine_->is_writable(); }
  void on_joined() noexcept;

  std::function<void(std::size_t)> reconnect_attempt_handler = {};
  std::function<void(std::size_t)> reconnect_handler = {};
  std::function<void()> reconnect_failed_handler = {};

 private:
  using Sockets = std::vector<std::shared_ptr<ClientSocketCore>>;

  void open();
  EngineClientOptions engine_options() const;
  template <class F>
  void guard(F&& work);
  EngineClientHandlers handlers();
  void on_open();
  void on_message(const engineio::Packet& message);
  void await_attachment();
  void forget_packet();
  void on_packet(socketio::Packet packet);
  void send_bytes(Bytes bytes, bool compress);
  void on_close(const EngineClose& close);
  void break_off(std::string why);
  void let_go();
  void tell_lost(const ClientDisconnect& why);
  void tell_failed(const std::string& why);
  void plan_reconnect();
  void reconnect();
  bool is_wanted() const noexcept;
  double random();

  net::EventLoop& loop_;
  std::string url_;
  SocketClientOptions options_;
  socketio::Backoff backoff_;
  Sockets sockets_ = {};
  std::unique_ptr<EngineClient> engine_ = {};
  std::vector<std::unique_ptr<EngineClient>> leaving_ = {};  // what was sent is still to leave
  socketio::Decoder decoder_;
  net::TimerId attachment_timer_ = net::TimerId::none;    // while a packet is not complete
  net::TimerId timer_ = net::TimerId::none;               // of the next attempt
  std::size_t attempt_ = 0;                               // 0: not one after a failure
  bool was_open_ = false;                                 // the present connection
  std::optional<net::Clock::time_point> joined_at_ = {};  // with a namespace; the same
  bool websocket_works_ = false;                          // if that is to be remembered
  bool abandoned_ = false;
};

}  // namespace duplex::events

// One client of Socket.IO before a server of others, and a log of what happens to it.
#pragma once

#include <duplex/duplex.h>

#include <algorithm>
#include <functional>
#include <list>
#include <stdexcept>
#include <string>
#include <utility>

namespace duplex::interop {

using codec::write_json;
using events::Transport;
using socketio::AckReply;
using socketio::Client;
using socketio::ClientDisconnect;
using socketio::ClientOptions;
using socketio::ClientSocket;
using socketio::ClientSocketOptions;
using socketio::ConnectError;
using socketio::Json;
using socketio::JsonArray;
using socketio::Values;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr seconds patience{30};  // with anything that should happen

// How a row of the matrix is run.
struct Row {
  std::string url;
  std::string server;
  std::string parser;
  std::string transport;

  bool is_npm() const { return server == "npm"; }
  bool can_drop() const { return server != "duplex"; }
};

[[noreturn]] inline void fail(const std::string& why) { throw std::runtime_error(why); }

// Bytes as their number and a checksum.
inline std::string text_of(const Json& value) {
  return write_json(value, [](std::string& text, Bytes bytes) {
    unsigned sum = 0;
    for (const std::byte byte : bytes) sum = sum * 31 + std::to_integer<unsigned>(byte);
    text += '<' + std::to_string(bytes.size()) + ':' + std::to_string(sum) + '>';
  });
}
inline std::string text_of(Values values) {
  return text_of(Json(JsonArray(values.begin(), values.end())));
}

// One client, and a log of what happens to it.
class Stage {
 public:
  explicit Stage(const Row& row) : row_(row) {}

  const Row& row() const noexcept { return row_; }
  EventLoop& loop() noexcept { return loop_; }

  ClientOptions options() const {
    ClientOptions options;
    options.engine.transports = {Transport::polling, Transport::websocket};
    if (row_.transport == "polling") options.engine.transports = {Transport::polling};
    if (row_.transport == "websocket") options.engine.transports = {Transport::websocket};
    if (row_.parser == "msgpack") options.parser = socketio::Parser::msgpack;
    options.backoff = {.delay = milliseconds(100), .max_delay = seconds(2), .jitter = 0};
    return options;
  }
  Client& open(ClientOptions options) {
    return clients_.emplace_back(loop_, row_.url, std::move(options));
  }
  ClientSocket& connect(ClientSocketOptions socket_options = {}) {
    return watch(open(options()).of("/", std::move(socket_options)));
  }
  Client& client() { return clients_.back(); }

  ClientSocket& watch(ClientSocket& socket) {
    socket.on_connect([this](ClientSocket&) { say("connect"); })
        .on_connect_error([this](ClientSocket& failed, const ConnectError& error) {
          if (!failed.active())
            say("refused: " + error.message + text_of(error.data.value_or(Json())));
        })
        .on_disconnect([this](ClientSocket&, const ClientDisconnect& why) {
          say("[" + std::string(describe(why.reason)) + "]");
          details_ += why.detail + "; ";
        })
        .on_error([this](std::string_view event, std::string_view why) {
          say(std::string(event) + ": " + std::string(why));
        });
    return socket;
  }
  void log_event(ClientSocket& socket, const std::string& name) {
    socket.on(name, [this, name](Values values) { say(name + text_of(values)); });
  }
  // 0: answered, 1: timed out, 2: disconnected.
  auto reply(const std::string& name) {
    return [this, name](AckReply& reply) {
      say(name + std::to_string(static_cast<int>(reply.status)) + text_of(Json(reply.values)));
    };
  }

  void say(const std::string& text) { log_ += text + ' '; }
  // What has happened so far is just that, in the end.
  void expect(const std::string& expected) {
    wait_until([&] { return log_.size() >= expected.size(); }, "'" + expected + "'");
    if (log_ != expected) fail("expected '" + expected + "', got '" + log_ + "'");
    log_.clear();
  }
  void wait_until(const std::function<bool()>& condition, const std::string& what) {
    const auto late = loop_.now() + patience;
    while (!condition()) {
      if (loop_.now() > late) fail("no " + what + ", but '" + log_ + "'; lost: " + details_);
      loop_.turn(milliseconds(5));
    }
  }
  void run_for(milliseconds time) {
    const auto end = loop_.now() + time;
    while (loop_.now() < end) loop_.turn(milliseconds(1));
  }
  // Servers know at once that they are gone.
  void leave() {
    for (Client& each : clients_) each.disconnect();
    wait_until([&] { return std::ranges::none_of(clients_, &Client::is_leaving); }, "end");
  }
  // Until it speaks over the last of its transports.
  void settle() {
    const Transport last = options().engine.transports.back();
    wait_until([&] { return client().is_open() && client().transport() == last; }, "transport");
  }

 private:
  const Row& row_;
  EventLoop loop_;
  std::list<Client> clients_;
  std::string log_;
  std::string details_;  // of each loss, for people
};

}  // namespace duplex::interop

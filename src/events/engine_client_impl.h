// The Engine.IO client behind its public face: the requests and the WebSocket that its session asks
// for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/endpoint/client.h"
#include "duplex/endpoint/http_client.h"
#include "duplex/engineio/client_session.h"
#include "duplex/events/engine_client.h"
#include "events/engine_address.h"
#include "http/cookie_jar.h"

namespace duplex::events {

using namespace endpoint;  // the layer that this one is made of

// Owner: an EngineClient, and whoever is in the middle of a call.
class EngineClient::Impl final : public std::enable_shared_from_this<EngineClient::Impl> {
 public:
  Impl(EngineClient& face, net::EventLoop& loop, std::string_view url,
       EngineClientHandlers handlers, EngineClientOptions options);
  void start();
  void abandon() noexcept;

  const engineio::ClientSession& session() const noexcept { return session_; }
  std::size_t queued_bytes() const noexcept;
  bool is_writable() const noexcept;
  void send(engineio::OutMessage message);
  void finish();

 private:
  // Runs `work`, which may call handlers, and then does what the session asks for.
  template <class F>
  void enter(F&& work);
  template <class F>
  auto entering(F work);  // `work` to be called later, if this is still there

  engineio::ClientSession new_session() const;
  std::unique_ptr<Client> new_sockets() const;
  void do_what_is_wanted();
  void settle();
  void poll();
  void post();
  void open_socket();
  void flush_socket();
  void take_answer(std::string_view method, int status, std::string_view body);
  void take_payload(std::string_view payload);
  void take_message(Message message);
  void take_packet(engineio::Packet packet);
  void leave_socket();
  void on_socket_open();
  void on_socket_gone(engineio::CloseReason reason, std::string why);
  void on_upgraded();
  bool try_next_transport();
  void end();
  void arm_timer();
  std::string url_of(Transport transport);
  std::vector<HeaderField> fields() const;
  HttpResponseHandlers keeping_cookies();
  http::Seconds wall_clock() const;
  Connection* socket() const noexcept;

  EngineClient* face_;  // null once it has gone
  net::EventLoop& loop_;
  EngineClientHandlers handlers_;
  EngineClientOptions options_;
  EngineAddress address_;
  http::CookieJar cookies_;
  std::size_t transport_index_ = 0;
  engineio::ClientSession session_;
  bool ended_ = false;    // on_close has been called, or never will be
  bool entered_ = false;  // settle() follows anyway
  bool was_open_ = false;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<Client> sockets_;  // null, perhaps, once it has ended
  RequestId poll_ = RequestId::none;
  RequestId post_ = RequestId::none;
  ConnectionId socket_ = {};
  net::TimerId timer_ = net::TimerId::none;
  engineio::Clock::time_point timer_due_ = {};
  std::uint64_t requests_ = 0;
};

}  // namespace duplex::events

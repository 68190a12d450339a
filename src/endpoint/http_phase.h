// A connection that speaks HTTP/1.1: requests in, answers out, one exchange at a time.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_buffer.h"
#include "duplex/endpoint/exchange.h"
#include "duplex/http/parser.h"
#include "duplex/http/router.h"
#include "duplex/http/serialize.h"
#include "endpoint/event_boundary.h"
#include "endpoint/peer.h"
#include "endpoint/phase.h"
#include "endpoint/server_impl.h"
#include "endpoint/web_socket_phase.h"
#include "net/descriptor.h"

namespace duplex::endpoint {

class HttpPhase final : public Exchange, public Phase {
 public:
  HttpPhase(Peer& peer, Server::Impl& server) noexcept;

  void start() override;
  MutableBytes on_bytes(MutableBytes bytes) override;
  void on_end_of_stream() override;
  void on_hang_up_seen() override;
  void on_drained() override;
  void on_timer() override;
  void on_closed(std::error_code error) override;
  void drain() override;
  Exchange* as_exchange(std::uint32_t request) noexcept override;
  std::unique_ptr<Phase> take_successor() override { return std::move(successor_); }
  void hand_over(Phase& successor) override;
  // Answers what the peer did wrong, then closes.
  void refuse(int status, std::string_view text, std::span<const http::Field> fields = {});
  void refuse_opening(const OpeningAnswer& why);

  // --- What an Exchange does ---------------------------------------------------------------------
  ExchangeId exchange_id() const noexcept { return {peer_.id(), request_count_}; }
  const http::Request& current_request() const noexcept { return request_; }
  Bytes current_body() const noexcept { return body_.view(); }
  std::string_view path_parameter(std::string_view name) const noexcept;
  bool answer(int status, std::string_view content_type, std::string_view body,
              std::span<const http::Field> fields);
  // `length` bytes of `file` from `offset`, read as the peer takes them.
  void answer_with_file(int status, std::string_view content_type,
                        std::span<const http::Field> fields, net::Descriptor file,
                        std::uint64_t offset, std::uint64_t length);
  bool start_stream_answer(int status, std::string_view content_type,
                           std::span<const http::Field> fields);
  SendStatus write_piece(std::string_view piece);
  SendStatus write_chunk(const SharedBytes& chunk);
  bool finish_stream();
  void set_on_gone(std::function<void()> handler);
  void set_on_end(std::function<void()> handler);
  void set_on_drain(std::function<void()> handler);
  Peer& peer() noexcept { return peer_; }
  Server::Impl& server() noexcept { return server_; }

 private:
  // A request is read (head, body), then answered (pending until respond() or start_stream()), then
  // the next one is read; or the connection is closing.
  enum class State : std::uint8_t { head, body, pending, streaming, sending_file, closing };
  struct FileSource {
    net::Descriptor file;
    std::uint64_t offset = 0;
    std::uint64_t left = 0;  // bytes
  };

  MutableBytes pump();
  bool take_event();
  bool reading() const noexcept { return state_ == State::head || state_ == State::body; }
  bool is_answering() const noexcept {
    return state_ == State::pending || state_ == State::streaming;
  }
  bool output_is_full() const noexcept;
  void handle(const http::Event& event);
  void begin_request();
  bool move_elsewhere(const http::Request& request);
  void take_body(Bytes piece);
  void end_request();
  bool open_websocket(const http::Request& request);
  void accept_websocket(const http::Request& request, const WebSocketRoute& route);
  OpeningAnswer ask_application(const http::Request& request, const WebSocketRoute& route);
  void switch_to_websocket(websocket::HandshakeAnswer& answer, const WebSocketRoute& route);
  void watch_the_head();
  bool may_write() const noexcept;
  SendStatus written();
  void note_written(std::string_view data);
  void beat();
  void close_with_answer(int status, std::string_view content_type, std::string_view body,
                         std::span<const http::Field> fields);
  void run_handler();
  void refuse_method(const std::vector<std::string_view>& allowed);
  bool write_head(int status, std::string_view content_type, std::span<const http::Field> fields,
                  http::BodyHeader body, std::uint64_t content_length);
  void send_more_of_file();
  void end_answer();
  void end_connection();
  void end_idle();
  void tell_of_end();
  void linger();
  void set_deadline(std::chrono::milliseconds timeout);
  template <class F>
  bool call(const F& handler);

  Peer& peer_;
  Server::Impl& server_;
  http::RequestParser parser_;
  http::Request request_;  // as long as the handler runs
  http::RouteMatch match_;
  ByteBuffer body_;
  std::unique_ptr<FileSource> file_;
  std::function<void()> on_gone_;
  std::function<void()> on_end_;
  std::function<void()> on_drain_;
  std::unique_ptr<WebSocketPhase> successor_;
  net::Clock::time_point deadline_ = net::Clock::time_point::max();
  net::Clock::time_point armed_for_ = {};   // never after deadline_ while the timer is armed
  std::chrono::milliseconds stalled_ = {};  // closing: the peer has taken nothing for so long
  std::uint32_t request_count_ = 0;
  State state_ = State::head;
  bool head_begun_ = false;  // some byte of the present head has come
  bool keep_alive_ = true;   // of the present request
  bool is_head_method_ = false;
  bool chunked_ = false;       // of the present answer
  bool peer_ended_ = false;    // everything it sent has been read
  bool hang_up_seen_ = false;  // it has ended, and what it sent before may wait unread
  bool told_to_wait_ = false;
  bool all_written_ = false;  // closing
  EventBoundary boundary_;    // of a stream of events
  int minor_version_ = 1;     // of the present request
};

}  // namespace duplex::endpoint

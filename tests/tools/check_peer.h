// A server and a client in memory, made of the library's protocol, that can be broken on purpose;
// and a case of the suite run against them in virtual time.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../../tools/duplex/check/case_run.h"
#include "../../tools/duplex/check/cases.h"
#include "../../tools/duplex/check/opening.h"
#include "../support/wire.h"
#include "../websocket/session.h"
#include "duplex/http/parser.h"
#include "duplex/websocket/handshake.h"
#include "duplex/websocket/permessage_deflate.h"

namespace duplex::tools::suite {

using support::WireFrame;
using WireFrames = std::vector<WireFrame>;

// What a broken peer does differently. Empty functions change nothing.
struct Fault {
  std::string name = {};
  std::string caught_by = {};                              // a case that must not pass strictly
  std::function<void(std::string& request)> request = {};  // what has come, before it is parsed
  // The bytes of the answer: as a server sends it, or before a client parses it.
  std::function<void(std::string& response)> response = {};
  websocket::DeflateOptions deflate = {};
  // How a server compresses, whatever its answer says.
  std::function<void(websocket::DeflateParameters& agreed)> agreed = {};
  std::function<void(std::string& bytes)> read = {};  // one read, after the opening
  // Frames that have come, before the protocol sees them, and those that it sends: they may be
  // changed, dropped and added to.
  std::function<void(WireFrames& frames)> incoming = {};
  std::function<void(WireFrames& frames)> outgoing = {};
  std::function<void(std::string& bytes)> outgoing_bytes = {};
  bool loses_early_frames = false;  // those that came with the request
  bool leaves_tcp_open = false;
  milliseconds head_time{10000};              // for a head to be whole
  std::size_t limit = std::size_t{64} << 20;  // of a message
};

// What both ends have in common: after the opening, whatever comes is echoed.
class BrokenPeer {
 public:
  explicit BrokenPeer(const Fault& fault) : fault_(fault) {
    options_.max_message_size = fault.limit;
    options_.max_fragments = 1U << 20;
    options_.send_limit = std::size_t{256} << 20;
  }
  virtual ~BrokenPeer() = default;
  BrokenPeer(const BrokenPeer&) = delete;
  BrokenPeer& operator=(const BrokenPeer&) = delete;

  void receive(std::string_view bytes) {
    if (ended_) return;
    if (protocol_) return take_frames(std::string(bytes));
    head_ += bytes;
    take_head();
  }
  void receive_fin() { ended_ = true; }
  // When its head must be whole; afterwards it gives up.
  std::optional<milliseconds> head_deadline() const {
    if (protocol_ || ended_) return std::nullopt;
    return fault_.head_time;
  }
  void give_up() { ended_ = true; }
  std::string take_output() { return std::exchange(output_, {}); }
  bool ended() const noexcept { return ended_ && !fault_.leaves_tcp_open; }

 protected:
  // Everything that has come is in `head_`, to be parsed anew: that is slow, and simple.
  virtual void take_head() = 0;

  void open(websocket::Role role, const std::optional<websocket::DeflateParameters>& agreed,
            std::string early) {
    protocol_.emplace(role, options_, queue_, now, &keys_);
    if (agreed) {
      websocket::DeflateParameters parameters = *agreed;
      if (fault_.agreed) fault_.agreed(parameters);
      protocol_->set_extension(
          websocket::make_permessage_deflate(role, parameters, fault_.deflate, workshop_));
    }
    if (!fault_.loses_early_frames) take_frames(std::move(early));
  }

  const Fault& fault_;
  http::ParserLimits limits_;
  std::string head_;
  std::string output_;
  bool ended_ = false;

 private:
  static constexpr websocket::Clock::time_point now{};

  void take_frames(std::string bytes) {
    if (fault_.read) fault_.read(bytes);
    if (!fault_.incoming) return feed(bytes);
    unread_ += bytes;
    WireFrames frames;
    std::size_t at = 0;
    const std::string_view unread = unread_;
    for (std::size_t size; (size = frame_size(unread.substr(at))) != 0; at += size) {
      frames.push_back(support::decode_frames(unread.substr(at, size)).front());
    }
    unread_.erase(0, at);
    fault_.incoming(frames);
    for (WireFrame& frame : frames) {
      const bool unmasked =
          frame.masking_key.empty() && protocol_->role() == websocket::Role::server;
      if (unmasked) frame.masking_key = support::wire_masking_key;
      feed(support::encode(frame));
    }
  }

  // Of the frame at the front; 0 when it is not whole.
  static std::size_t frame_size(std::string_view bytes) {
    if (bytes.size() < 2) return 0;
    const auto byte = [&bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned form = byte(1) & 0x7F;
    const std::size_t length_size = form == 126 ? 2 : form == 127 ? 8 : 0;
    const std::size_t header = 2 + length_size + ((byte(1) & 0x80) != 0 ? 4 : 0);
    std::uint64_t length = length_size == 0 ? form : 0;
    if (bytes.size() < header) return 0;
    for (std::size_t i = 0; i < length_size; ++i) length = length << 8 | byte(2 + i);
    const bool whole = length <= bytes.size() - header;
    return whole ? header + static_cast<std::size_t>(length) : 0;
  }

  void feed(const std::string& bytes) {
    std::vector<std::byte> memory = support::to_bytes(bytes);
    protocol_->receive(memory, now);
    while (const auto event = protocol_->next_event()) {
      const bool is_message = event->kind == websocket::Event::Kind::text ||
                              event->kind == websocket::Event::Kind::binary;
      if (is_message) protocol_->send_message(event->opcode, event->payload);
    }
    send_frames();
    ended_ = ended_ || protocol_->state() == websocket::State::closed;
  }

  void send_frames() {
    std::string bytes = websocket::drain(queue_);
    if (fault_.outgoing) {
      WireFrames frames = support::decode_frames(bytes);
      fault_.outgoing(frames);
      bytes.clear();
      for (const WireFrame& frame : frames) bytes += support::encode(frame);
    }
    if (fault_.outgoing_bytes) fault_.outgoing_bytes(bytes);
    output_ += bytes;
  }

  websocket::ProtocolOptions options_;
  SendQueue queue_;
  websocket::CountingKeys keys_;
  websocket::DeflateWorkshop workshop_;
  std::optional<websocket::Protocol> protocol_;
  std::string unread_;  // not a whole frame yet, when frames are changed
};

class BrokenServer final : public BrokenPeer {
 public:
  using BrokenPeer::BrokenPeer;

 private:
  void take_head() override {
    if (fault_.request) fault_.request(head_);
    std::vector<std::byte> memory = support::to_bytes(head_);
    http::RequestParser parser(limits_);
    parser.receive(memory);
    const auto event = parser.next_event();
    if (!event) return;
    if (event->kind == http::Event::Kind::error) return refuse(http::status_for(event->error), {});
    auto answer = websocket::accept_handshake(parser.request(), {});
    if (!answer) {
      const auto refusal = websocket::refusal_for(answer.error());
      return refuse(refusal.status, refusal.fields);
    }
    std::optional<websocket::DeflateParameters> parameters;
    if (auto agreed = websocket::accept_deflate(answer->extension_offers, fault_.deflate)) {
      parameters = agreed->parameters;
      answer->extensions = agreed->response;
    }
    std::string response = websocket::encode_answer(*answer);
    if (fault_.response) fault_.response(response);
    output_ += response;
    open(websocket::Role::server, parameters, support::to_string(parser.take_unread()));
  }

  void refuse(int status, std::span<const http::Field> fields) {
    std::string response = "HTTP/1.1 " + std::to_string(status) + " No\r\nConnection: close\r\n";
    for (const http::Field& field : fields) {
      response += std::string(field.name) + ": " + std::string(field.value) + "\r\n";
    }
    response += "Content-Length: 0\r\n\r\n";
    if (fault_.response) fault_.response(response);
    output_ += response;
    ended_ = true;
  }
};

// Asks at once, with the usual key and an offer to compress.
class BrokenClient final : public BrokenPeer {
 public:
  explicit BrokenClient(const Fault& fault) : BrokenPeer(fault) {
    output_ = "GET / HTTP/1.1\r\nHost: a\r\n" + opening_fields();
    output_ += "Sec-WebSocket-Extensions: " + websocket::deflate_offer(fault.deflate) + "\r\n\r\n";
  }

 private:
  void take_head() override {
    if (fault_.response) fault_.response(head_);
    std::vector<std::byte> memory = support::to_bytes(head_);
    http::ResponseParser parser(limits_);
    parser.receive(memory);
    auto event = parser.next_event();
    while (event && event->kind != http::Event::Kind::error && is_interim(parser.response())) {
      event = parser.next_event();
    }
    if (!event) return;
    if (event->kind == http::Event::Kind::error || !judge(parser)) ended_ = true;
  }

  static bool is_interim(const http::Response& response) {
    return response.status < 200 && response.status != 101;
  }

  // False when the answer is wrong.
  bool judge(http::ResponseParser& parser) {
    constexpr std::array spoken = {websocket::deflate_name};
    const auto answer = websocket::verify_handshake(parser.response(), usual_key, {}, spoken);
    if (!answer) return false;
    std::optional<websocket::DeflateParameters> agreed;
    if (!answer->extensions.empty()) {
      agreed = websocket::judge_deflate_response(answer->extensions.front(), fault_.deflate);
      if (!agreed) return false;
    }
    open(websocket::Role::client, agreed, support::to_string(parser.take_unread()));
    return true;
  }
};

// A connection between a run and a peer, and a clock that jumps to the next deadline whenever
// nothing is to be done.
template <class Peer>
class MemoryLink {
 public:
  MemoryLink(const Case& item, const Fault& fault, Role role,
             std::optional<std::uint64_t> limit = {})
      : peer_(fault),
        run_(item, {.role = role, .place = {.host = "a", .path = "/ws"}, .limit = limit}, now_) {}

  CaseResult finish() {
    while (!step()) {
    }
    return run_.result(now_);
  }

 private:
  // True when the case is over.
  bool step() {
    switch (run_.next(now_)) {
      case CaseRun::Next::write: {
        const std::string bytes(run_.output());
        run_.written(bytes.size(), now_);
        peer_.receive(bytes);
        deliver();
        return false;
      }
      case CaseRun::Next::wait:
        if (!deliver()) pass_time();
        return false;
      case CaseRun::Next::half_close:
        peer_.receive_fin();
        run_.half_closed(now_);
        return false;
      case CaseRun::Next::reset:
      case CaseRun::Next::finish:
        return true;
    }
    return true;
  }

  // To whatever is due first.
  void pass_time() {
    const Clock::time_point due = run_.deadline(now_);
    const auto patience = peer_.head_deadline();
    const bool gives_up = patience && start_ + *patience <= due;
    now_ = gives_up ? std::max(now_, start_ + *patience) : due;
    if (gives_up) peer_.give_up();
  }

  // What the peer has sent, or its end; false for neither.
  bool deliver() {
    if (const std::string bytes = peer_.take_output(); !bytes.empty()) {
      run_.received(bytes, now_);
      return true;
    }
    if (!peer_.ended() || std::exchange(end_delivered_, true)) return false;
    run_.peer_ended(now_);
    return true;
  }

  static constexpr Clock::time_point start_{std::chrono::hours(1)};
  Clock::time_point now_ = start_;
  Peer peer_;
  CaseRun run_;
  bool end_delivered_ = false;
};

inline CaseResult run_against(const Case& item, const Fault& fault) {
  return MemoryLink<BrokenServer>(item, fault, Role::client).finish();
}

inline CaseResult run_client_against(const Case& item, const Fault& fault) {
  return MemoryLink<BrokenClient>(item, fault, Role::server).finish();
}

inline const Cases& every_case() {
  static const Cases cases = all_cases();
  return cases;
}

inline const Case& case_named(std::string_view id) {
  const Cases& cases = every_case();
  return *std::find_if(cases.begin(), cases.end(),
                       [id](const Case& item) { return item.id == id; });
}

}  // namespace duplex::tools::suite

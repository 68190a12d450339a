// What two sides say to each other over one connection: HTTP/1.1, and WebSocket once it has been
// agreed on. HTTP is read by the library's parsers. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "duplex/http/parser.h"
#include "frame_reader.h"

namespace duplex::tools {

enum class Side : std::uint8_t { client, server };
constexpr Side other(Side side) noexcept {
  return side == Side::client ? Side::server : Side::client;
}

using FieldTexts = std::vector<std::pair<std::string, std::string>>;

struct SeenRequest {
  std::string method = {};
  std::string target = {};
  int minor_version = 1;
  FieldTexts fields = {};
  std::size_t size = 0;  // bytes of the head
  bool asks_for_upgrade = false;
  std::string key = {};  // Sec-WebSocket-Key
};

struct SeenResponse {
  int status = 0;
  std::string reason = {};
  int minor_version = 1;
  FieldTexts fields = {};
  std::size_t size = 0;
  bool answers_upgrade = false;  // the request asked for a WebSocket
  bool upgraded = false;         // 101, with the right Sec-WebSocket-Accept
  std::string key = {};          // of the request
  std::string accept = {};       // Sec-WebSocket-Accept, as it was sent
};

struct SeenBody {
  std::size_t size = 0;
  std::string beginning = {};  // the first bytes
  bool complete = false;       // false: a part of one that goes on
};

// Nothing that this side says from here on can be read.
struct Unreadable {
  std::string why = {};
};

using Utterance = std::variant<SeenRequest, SeenResponse, SeenBody, SeenFrame, Unreadable>;

// Owner: a narrator. Bytes of each side must come in order.
class Dialogue {
 public:
  // `from_start`: the connection is heard from its opening on. Otherwise the first bytes of a side
  // may be the middle of a conversation, and are taken for frames unless they look like HTTP.
  explicit Dialogue(bool from_start);
  ~Dialogue();
  Dialogue(const Dialogue&) = delete;
  Dialogue& operator=(const Dialogue&) = delete;

  // What these bytes complete, in order.
  std::vector<Utterance> hear(Side side, Bytes bytes);
  // Nothing that this side says from here on can be read.
  void lose(Side side);
  // The side says nothing more: an answer without a length ends so.
  std::vector<Utterance> finish(Side side);

  // A frame of this side has begun, and has not ended.
  bool within_frame(Side side) const noexcept;
  bool is_websocket() const noexcept { return websocket_; }

 private:
  enum class Mode : std::uint8_t {
    unknown,  // nothing heard yet
    http,
    waiting,  // has asked for an upgrade: what comes next depends on the answer
    frames,
    deaf,
  };
  struct Half {
    Mode mode = Mode::unknown;
    bool guessed = false;              // that these are frames
    std::uint64_t heard = 0;           // bytes given to the HTTP parser
    std::uint64_t message_start = 0;   // where its message began
    bool body_open = false;            // a part of a body has been told
    std::vector<std::byte> held = {};  // while waiting
    FrameReader frames = {};
  };
  struct Asked {
    bool upgrade = false;
    bool head = false;  // the method
    std::string key = {};
  };

  Mode first_mode(Half& half, std::byte first) const noexcept;
  void hear_http(Side side, Bytes bytes, std::vector<Utterance>& out);
  template <class Parser>
  void parse(Side side, Parser& parser, Bytes bytes, std::vector<Utterance>& out);
  template <class Parser>
  bool take_event(Side side, Parser& parser, const http::Event& event, SeenBody& body,
                  std::vector<Utterance>& out);
  void take_head(const http::RequestParser& parser, std::uint64_t size,
                 std::vector<Utterance>& out);
  void take_head(const http::ResponseParser& parser, std::uint64_t size,
                 std::vector<Utterance>& out);
  bool end_message(const http::RequestParser& parser);
  bool end_message(const http::ResponseParser& parser);
  void prepare(http::RequestParser& parser) noexcept;
  void prepare(http::ResponseParser& parser) noexcept;
  void agree_on_compression(const http::Fields& fields);
  void hear_frames(Half& half, Bytes bytes, std::vector<Utterance>& out);
  Half& half(Side side) noexcept { return halves_[static_cast<std::size_t>(side)]; }

  bool from_start_;
  http::ParserLimits limits_ = {};
  http::RequestParser requests_;
  http::ResponseParser responses_;
  std::array<Half, 2> halves_ = {};
  std::deque<Asked> asked_ = {};  // requests that are not answered yet
  bool upgraded_ = false;         // by the answer that was read last
  bool websocket_ = false;
};

}  // namespace duplex::tools

// What a case is, as data: bytes to send, and what may come back. No I/O.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frame_writer.h"

namespace duplex::tools::suite {

using std::chrono::milliseconds;

// From best to worst.
enum class Verdict : std::uint8_t {
  ok,
  informational,  // the RFC leaves it open
  unimplemented,  // an extension that the peer does not speak
  non_strict,     // not as the RFC wants it, but harmless
  failed,
};
std::string_view name_of(Verdict verdict) noexcept;  // "OK", "NON-STRICT", ...

// Something the peer sent between the opening and the Close frame.
struct Item {
  enum class Kind : std::uint8_t { text, binary, pong };
  Kind kind = Kind::text;
  std::string payload = {};
  friend bool operator==(const Item&, const Item&) = default;
};

// An item, or a row of equal ones.
struct Expected {
  Item item = {};
  std::size_t min = 1;
  std::size_t max = 1;
};

struct Ending {
  enum class Kind : std::uint8_t {
    closed_by_us,    // when the items are in, we send Close 1000; the peer answers it
    closed_by_peer,  // the peer sends Close, of itself or to answer one of the script
    dropped,         // the peer ends TCP, with or without Close
    open,            // nothing more happens for a while
  };
  Kind kind = Kind::closed_by_us;
  std::vector<unsigned> codes = {1000};  // of the peer's Close; 1005: an empty one
};

// One way in which a case may go. The first of a case's list is the right one.
struct Outcome {
  Verdict verdict = Verdict::ok;
  std::vector<Expected> items = {};
  Ending ending = {};
  // The peer must have closed before this step of the script was due.
  std::optional<std::size_t> before_step = {};
  // Only with a server that named this parameter in its Sec-WebSocket-Extensions.
  std::string parameter = {};
};

struct Step {
  enum class Kind : std::uint8_t {
    send,        // `bytes`, in pieces of `piece` bytes (0: at once), each in a write of its own
    message,     // `item` as a message, compressed if that was agreed, in frames of `piece` bytes
    await,       // until `count` items have come in all
    pause,       // for `time`, or until the peer has closed
    half_close,  // FIN
    reset,       // RST
  };
  Kind kind = Kind::send;
  std::string bytes = {};
  std::size_t piece = 0;
  Item item = {};
  std::size_t count = 0;
  milliseconds time{0};
};

// How the connection begins, and what the peer must make of it.
struct Opening {
  enum class Wanted : std::uint8_t {
    open,        // 101, as RFC 6455 section 4.2.2 wants it
    refusal,     // an HTTP error, or the end of the connection: never 101
    answer,      // any HTTP answer but 101
    no_opening,  // any HTTP answer but 101, or the end of the connection
    in_step,     // an answer, then 101 to the opening behind it, unless the connection ends first
    failure,     // playing the server: the client must not open
  };
  Wanted wanted = Wanted::open;
  // Playing the client. {host} and {path} stand for those of the URL; empty: the usual request.
  std::string request = {};
  std::string offer = {};  // Sec-WebSocket-Extensions of the usual request
  std::size_t piece = 0;   // bytes of one write; 0: all at once
  milliseconds pace{0};    // between two writes
  bool glued = false;      // the first step's bytes follow in the same write
  // Playing the server. {accept} stands for Sec-WebSocket-Accept; empty: the usual answer.
  std::string response = {};
  // Of an opening that is right: when it is refused.
  Verdict if_refused = Verdict::failed;
  // Of a refusal.
  Verdict if_accepted = Verdict::failed;  // when the peer opens or answers as if all were well
  Verdict if_silent = Verdict::failed;    // when it neither answers nor closes
  Verdict if_not_http = Verdict::failed;  // when it answers in another protocol
  std::string required_field = {};        // name of a field that a refusal must have
  std::string forbidden_field = {};       // that no answer may have
  std::size_t max_responses = 1;
  bool may_wait = false;  // the peer may as well wait for more
  // Of permessage-deflate: what the peer must do about the offer, and what the case needs.
  bool must_decline = false;
  std::string needed_parameter = {};
};

// A script with its expectations, for the end that it plays. The functions append to it.
class Script {
 public:
  explicit Script(Role role) : role_(role) { outcomes_.emplace_back(); }

  Role role() const noexcept { return role_; }
  Opening& opening() noexcept { return opening_; }
  const Opening& opening() const noexcept { return opening_; }
  const std::vector<Step>& steps() const noexcept { return steps_; }
  const std::vector<Outcome>& outcomes() const noexcept { return outcomes_; }
  bool needs_compression() const noexcept { return needs_compression_; }
  bool sends_close() const noexcept { return sends_close_; }

  // --- What is sent
  Script& send(std::string bytes, std::size_t piece = 0);
  Script& send(const Frame& frame, std::size_t piece = 0);
  Script& send_each(const std::vector<Frame>& frames);  // each in a write of its own
  Script& send_together(const std::vector<Frame>& frames, std::size_t piece = 0);
  Script& message(Item item, std::size_t frame_size = 0);
  Script& await(std::size_t item_count);
  Script& await_all();  // as many as are expected so far
  Script& pause(milliseconds time);
  Script& half_close();
  Script& reset();

  // --- What must come back: the right outcome, one item after another
  Script& expect(Item::Kind kind, std::string payload);
  Script& expect_row(Item::Kind kind, std::string payload, std::size_t min, std::size_t max);
  Script& peer_closes(std::vector<unsigned> codes);
  Script& peer_drops();
  Script& stays_open();
  Script& before_step(std::size_t step);
  // Another way in which it may go.
  Script& or_else(Outcome outcome);

  // Sends a message and expects it back.
  Script& echo(Item::Kind kind, const std::string& payload, std::size_t piece = 0);

  // permessage-deflate: offers (or accepts) it; without it the case is UNIMPLEMENTED.
  Script& compressed(std::string offer);

 private:
  Outcome& right() noexcept { return outcomes_.front(); }
  void note_close(const Frame& frame) noexcept {
    sends_close_ = sends_close_ || frame.opcode == opcode::close;
  }

  Role role_;
  Opening opening_ = {};
  std::vector<Step> steps_ = {};
  std::vector<Outcome> outcomes_ = {};
  bool needs_compression_ = false;
  bool sends_close_ = false;
};

// Who can be tested with a case.
enum class Subject : std::uint8_t { any, servers, clients };

// How much a case weighs on the peer: heavy ones go two at a time, floods alone and last. Slow ones
// weigh nothing, but wait for long, and so go first.
enum class Load : std::uint8_t { light, heavy, flood, slow };

struct Case {
  std::string id = {};       // as Autobahn numbers it, or the letter of a table and a number
  std::string family = {};   // "1 framing"
  std::string title = {};    // what is done
  std::string section = {};  // "RFC 6455 5.2"
  std::function<void(Script&)> write = {};
  Subject subject = Subject::any;
  Load load = Load::light;
};

inline bool is_for(const Case& item, Role role) noexcept {
  const Subject other = role == Role::client ? Subject::clients : Subject::servers;
  return item.subject != other;
}

}  // namespace duplex::tools::suite

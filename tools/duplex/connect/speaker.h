// Does what lines ask for.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "duplex/duplex.h"
#include "line_command.h"

namespace duplex::tools {

// What can be said, or heard.
enum class Saying : std::uint8_t { text, binary, ping, pong, close, raw };

struct SpeakerOptions {
  LineMode mode = LineMode::text;
  bool commands = false;     // lines that begin with a slash are commands
  bool indent_json = false;  // until /json says otherwise
  // Called with everything that has been queued to be sent. For close: code and reason, as in its
  // frame.
  std::function<void(Saying what, Bytes payload)> on_said = {};
  // Writes beneath the protocol; returns what was wrong.
  std::function<std::string(Bytes bytes)> write_raw = {};
};

// Owner: a conversation. Thread: the loop's.
class Speaker {
 public:
  struct Outcome {
    SendStatus status = SendStatus::ok;
    bool too_early = false;               // nothing has been done: say it again a little later
    std::string problem = {};             // why the line was not sent
    std::vector<std::string> notes = {};  // for a person
  };

  explicit Speaker(SpeakerOptions options);

  Outcome speak(Connection& peer, const std::string& line);

  Outcome ping(Connection& peer) { return carry_out(peer, SayPing{}); }

  LineMode mode() const noexcept { return options_.mode; }
  bool indents_json() const noexcept { return options_.indent_json; }

 private:
  Outcome carry_out(Connection& peer, const SayMessage& message);
  Outcome carry_out(Connection& peer, const SayFragments& fragments);
  Outcome carry_out(Connection& peer, const SayFile& file);
  Outcome carry_out(Connection& peer, const SayPing& ping);
  Outcome carry_out(Connection& peer, const SayPong& pong);
  Outcome carry_out(Connection& peer, const SayClose& close);
  Outcome carry_out(Connection& peer, const SayRaw& raw);
  Outcome carry_out(Connection& peer, const SwitchMode& mode);
  Outcome carry_out(Connection& peer, const ToggleJson& toggle);
  Outcome carry_out(Connection& peer, const ShowHelp& help);
  Outcome carry_out(Connection& peer, const Refusal& refusal);
  Outcome said(const Connection& peer, SendStatus status, Saying what, Bytes payload);

  SpeakerOptions options_;
  std::uint64_t ping_count_ = 0;
};

}  // namespace duplex::tools

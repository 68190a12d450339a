// Any bytes as calls from inside callbacks: what matrix_test.cc does once in a scene happens here
// as often as the bytes say, in whichever callbacks, with compression or without, while other bytes
// make calls of the kernels fail. Every event still comes at most once and in order, and nothing is
// left behind.
#include "../endpoint/matrix_deeds.h"
#include "decisions.h"
#include "fault_tape.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

// Half of the stages speak compression, whose messages may refer to earlier ones or not.
std::optional<websocket::DeflateOptions> take_deflate(Decisions& decisions) {
  const std::uint8_t choice = decisions.byte();
  if ((choice & 1) == 0) return std::nullopt;
  const bool takeover = (choice & 2) != 0;
  return websocket::DeflateOptions{
      .threshold = 1, .context_takeover = takeover, .peer_context_takeover = takeover};
}

simulation::LinkOptions take_link(Decisions& decisions) {
  constexpr std::size_t sizes[] = {64 * 1024, 1460, 4000};
  return {.delay = std::chrono::microseconds(100 * decisions.below(256)),
          .segment_size = decisions.pick(sizes)};
}

void run(std::string_view input) {
  Decisions decisions(input);
  const simulation::LinkOptions link = take_link(decisions);
  const auto deflate = take_deflate(decisions);
  FaultTape faults(decisions.text());
  Occasions occasions(decisions.rest());
  const auto act = [&](MatrixStage& at, const std::string&, Connection* peer, Exchange* exchange) {
    const auto what = occasions.take();
    if (what) deeds()[*what % deeds().size()].second(at, peer, exchange);
  };
  MatrixStage stage(act, deflate);
  stage.world.world.set_link(link);
  faults.attach(stage.world.server_side.kernel);
  faults.attach(stage.world.client_side.kernel);
  stage.play();
}

const Registration registration({"api", run});

}  // namespace
}  // namespace duplex::fuzz

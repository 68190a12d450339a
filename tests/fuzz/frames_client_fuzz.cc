// Any bytes as frames that a client receives: see frames.h for what is held.
#include "frames.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

void run(std::string_view input) { FramesCheck(websocket::Role::client, input).run(); }

const Registration registration({"frames_client", run});

}  // namespace
}  // namespace duplex::fuzz

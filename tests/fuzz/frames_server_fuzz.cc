// Any bytes as frames that a server receives: see frames.h for what is held.
#include "frames.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

void run(std::string_view input) { FramesCheck(websocket::Role::server, input).run(); }

const Registration registration({"frames_server", run});

}  // namespace
}  // namespace duplex::fuzz

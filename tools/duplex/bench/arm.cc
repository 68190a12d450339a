// Which class is which transport.
#include "arm.h"

#include <utility>

#include "poll_arm.h"
#include "push_arms.h"
#include "socketio_arm.h"
#include "tcp_arm.h"

namespace duplex::tools {

std::unique_ptr<Arm> make_arm(measure::Transport transport, EventLoop& loop,
                              const ArmSettings& settings, ArmHandlers handlers,
                              measure::Random random) {
  using measure::Transport;
  switch (transport) {
    case Transport::websocket:
    case Transport::websocket_deflate:
      return std::make_unique<WebSocketArm>(transport, loop, settings, std::move(handlers));
    case Transport::sse:
      return std::make_unique<StreamArm>(loop, settings, std::move(handlers));
    case Transport::tcp:
      return std::make_unique<TcpArm>(loop, settings, std::move(handlers));
    case Transport::echo:
    case Transport::closed_echo:
      return std::make_unique<EchoArm>(transport, loop, settings, std::move(handlers), random);
    case Transport::socketio_websocket:
    case Transport::socketio_polling:
    case Transport::socketio_upgrade:
      return std::make_unique<SocketIoArm>(transport, loop, settings, std::move(handlers));
    default:
      return std::make_unique<PollArm>(transport, loop, settings, std::move(handlers), random);
  }
}

}  // namespace duplex::tools

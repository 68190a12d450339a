// Ids that nobody can guess.
#include "events/ids.h"

#include <array>
#include <system_error>

#include "duplex/engineio/packet.h"

namespace duplex::events {

std::string new_id(net::Kernel& kernel) {
  std::array<std::byte, engineio::id_entropy> random;
  if (const int error = kernel.random(random); error != 0) {
    throw std::system_error(error < 0 ? -error : error, std::system_category(), "random");
  }
  return engineio::make_id(random);
}

}  // namespace duplex::events

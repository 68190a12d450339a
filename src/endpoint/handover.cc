// A connection on its way from one server to another; see handover.h.
#include "endpoint/handover.h"

#include <utility>

#include "endpoint/server_impl.h"

namespace duplex::endpoint {

// Whichever loop drops it does so by its own kernel, which counts its calls without a lock.
void Entrance::Impl::take(Handover handover, net::Kernel& from) const {
  const auto shared = std::make_shared<Handover>(std::move(handover));
  shared->socket = net::Descriptor(kernel_, shared->socket.release());
  const bool is_on_its_way = post_([server = server_, shared] {
    if (*server != nullptr) (*server)->take_over(std::move(*shared));
  });
  if (!is_on_its_way) shared->socket = net::Descriptor(from, shared->socket.release());
}

std::string head_text(const http::Request& request) {
  std::string text(request.method);
  text.append(" ").append(request.target).append(" HTTP/1.");
  text += static_cast<char>('0' + request.minor_version);
  text += "\r\n";
  for (const http::Field& field : request.fields) {
    // Not a byte longer than it came: it was within the limit.
    text.append(field.name).append(":").append(field.value).append("\r\n");
  }
  return text += "\r\n";
}

}  // namespace duplex::endpoint

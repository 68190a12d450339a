// From a URL's authority to a connected descriptor; see dialer.h.
#include "endpoint/dialer.h"

#include <array>

namespace duplex::endpoint {

void Dialer::start(const http::Url& url, net::Clock::time_point deadline) {
  deadline_ = deadline;
  if (!url.is_unix()) return resolver_.start(url.host, url.port);
  const auto address = net::Address::unix_path(url.unix_path);
  if (address) return connector_.start(std::array{*address}, deadline_);
  // A path that names no socket: without an address, the connector fails in a later turn.
  bad_path_ = address.error();
  connector_.start({}, deadline_);
}

void Dialer::on_resolved(std::span<const net::Address> addresses) {
  connector_.start(addresses, deadline_);
}

// What the kernel's errors stand for when a name is looked up (net::Kernel::resolve) is not what
// their messages say.
void Dialer::on_resolve_failed(std::error_code error) {
  std::string why = error.message();
  if (error == std::errc::no_such_device_or_address) why = "no address is known for this name";
  if (error == std::errc::resource_unavailable_try_again) why = "no name server has an answer now";
  owner_.on_dial_failed(error, why);
}

void Dialer::on_connect_failed(std::error_code error) {
  if (bad_path_) error = bad_path_;
  owner_.on_dial_failed(error, error.message());
}

}  // namespace duplex::endpoint

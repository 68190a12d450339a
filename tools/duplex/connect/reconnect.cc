// Another try, later.
#include "reconnect.h"

#include <algorithm>

namespace duplex::tools {
namespace {

constexpr std::chrono::nanoseconds first_delay = std::chrono::milliseconds(500);
constexpr std::chrono::nanoseconds longest_delay = std::chrono::seconds(30);
constexpr std::uint64_t doublings = 6;  // beyond the longest

}  // namespace

bool is_worth_another_try(const endpoint::CloseEvent& event) {
  using websocket::CloseCode;
  if (event.violation == websocket::Violation::ping_timeout) return true;
  if (event.violation != websocket::Violation::none) return false;
  return event.code == CloseCode::abnormal_closure || event.code == CloseCode::going_away ||
         event.code == CloseCode::service_restart || event.code == CloseCode::try_again_later;
}

bool is_worth_another_try(const endpoint::OpeningFailure& failure) {
  if (failure.status != 0) {
    return failure.status == 408 || failure.status == 429 || failure.status >= 500;
  }
  return bool(failure.error);
}

std::chrono::nanoseconds Backoff::next() {
  const auto delay = std::min(first_delay * (1 << std::min(attempts_, doublings)), longest_delay);
  ++attempts_;
  const double part = 1 - random_.uniform() / 2;
  return std::chrono::nanoseconds(
      static_cast<std::int64_t>(static_cast<double>(delay.count()) * part));
}

}  // namespace duplex::tools

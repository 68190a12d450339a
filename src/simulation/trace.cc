// FNV-1a over the calls.
#include "simulation/trace.h"

#include <cstdio>

namespace duplex::simulation {

std::string to_text(const TraceEntry& entry) {
  const double milliseconds = std::chrono::duration<double, std::milli>(entry.time).count();
  char text[160];
  std::snprintf(text, sizeof text, "%12.6f ms %.*s: %.*s(%d) = %lld", milliseconds,
                static_cast<int>(entry.kernel.size()), entry.kernel.data(),
                static_cast<int>(net::name_of(entry.call).size()), net::name_of(entry.call).data(),
                entry.fd, static_cast<long long>(entry.result));
  return text;
}

void Trace::add(const TraceEntry& entry) {
  for (const char letter : entry.kernel) mix(static_cast<unsigned char>(letter));
  mix(static_cast<std::uint64_t>(entry.time.count()));
  mix(static_cast<std::uint64_t>(entry.call));
  mix(static_cast<std::uint64_t>(entry.fd));
  mix(static_cast<std::uint64_t>(entry.result));
  ++size_;
  if (observer_) observer_(entry);
}

void Trace::set_observer(std::function<void(const TraceEntry&)> observer) {
  observer_ = std::move(observer);
}

void Trace::mix(std::uint64_t value) noexcept { hash_ = (hash_ ^ value) * 0x100000001b3; }

}  // namespace duplex::simulation

// On which processors the two sides of a bench run.
#include "placement.h"

#include <sched.h>

#include <cerrno>
#include <system_error>

namespace duplex::tools {
namespace {

void stay_on(const Processors& processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int each : processors) CPU_SET(static_cast<std::size_t>(each), &set);
  if (sched_setaffinity(0, sizeof(set), &set) == 0) return;
  throw std::system_error(errno, std::system_category(), "sched_setaffinity");
}

std::string number_of(const Processors& side) { return std::to_string(side.front()); }

}  // namespace

Processors allowed_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) {
    throw std::system_error(errno, std::system_category(), "sched_getaffinity");
  }
  Processors allowed;
  for (int each = 0; each < CPU_SETSIZE; ++each) {
    if (CPU_ISSET(static_cast<std::size_t>(each), &set)) allowed.push_back(each);
  }
  return allowed;
}

OnProcessors::OnProcessors(const Processors& processors) {
  if (processors.empty()) return;
  before_ = allowed_processors();
  stay_on(processors);
}

OnProcessors::~OnProcessors() {
  if (before_.empty()) return;
  try {
    stay_on(before_);
  } catch (const std::system_error&) {
    // They have been taken away meanwhile: it stays where it is.
  }
}

std::string Placement::text() const {
  if (clients.empty()) return "wherever the scheduler puts them";
  if (clients == server) return "clients and server on processor " + number_of(server);
  return "clients on processor " + number_of(clients) + ", server on processor " +
         number_of(server);
}

Placement make_placement(std::string_view place, const Processors& allowed) {
  if (place == "free") return {};
  return {.clients = {allowed.front()}, .server = {allowed.at(place == "split" ? 1 : 0)}};
}

std::string placement_problem(std::string_view place, bool spins, const Processors& allowed) {
  if (spins && place == "same") {
    return "--wait spin and --place same exclude each other: each side would wait for the end of "
           "the other's time slice";
  }
  if (allowed.size() >= 2 || (place != "split" && !spins)) return {};
  return std::string(place == "split" ? "--place split" : "--wait spin") +
         " needs 2 processors, one for each side; this process may use " +
         std::to_string(allowed.size());
}

}  // namespace duplex::tools

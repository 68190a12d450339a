// On which processors the two sides of a bench run: sched_setaffinity(2).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace duplex::tools {

using Processors = std::vector<int>;  // as the system numbers them

// Those that the calling thread may use, the lowest first. Throws std::system_error.
Processors allowed_processors();

// Keeps the calling thread, and the threads and processes that it starts meanwhile, on these
// processors for as long as it lives; none: leaves it where it is. Throws std::system_error.
class OnProcessors {
 public:
  explicit OnProcessors(const Processors& processors);
  ~OnProcessors();
  OnProcessors(const OnProcessors&) = delete;
  OnProcessors& operator=(const OnProcessors&) = delete;

 private:
  Processors before_;
};

// Where each side belongs; empty: wherever the scheduler puts it.
struct Placement {
  Processors clients = {};
  Processors server = {};

  std::string text() const;  // "clients on processor 0, server on processor 1"
};

// `place`: "free"; "same", the first of the allowed ones for both; or "split", the first for the
// clients and the second for the server. Pure.
Placement make_placement(std::string_view place, const Processors& allowed);

// What `place` and `spins` ask for and so many allowed processors cannot give, or nothing. Pure.
std::string placement_problem(std::string_view place, bool spins, const Processors& allowed);

}  // namespace duplex::tools

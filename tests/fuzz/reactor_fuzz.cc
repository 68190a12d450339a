// Any bytes as a walk through the public interface of a server and its clients, in a world whose
// network and kernels go wrong as other bytes say: every promise of random_walk.h holds.
#include "../conformance/random_walk.h"
#include "decisions.h"
#include "fault_tape.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

class FuzzedChoices final : public conformance::Choices {
 public:
  explicit FuzzedChoices(std::string_view bytes) : decisions_(bytes) {}
  std::uint64_t below(std::uint64_t bound) override { return decisions_.below(bound); }
  bool over() const override { return decisions_.over(); }

 private:
  Decisions decisions_;
};

void run(std::string_view input) {
  Decisions decisions(input);
  const std::uint64_t seed = decisions.byte();
  FaultTape faults(decisions.text());
  conformance::RandomWalk walk(seed, std::make_unique<FuzzedChoices>(decisions.rest()));
  faults.attach(walk.world().server_side.kernel);
  faults.attach(walk.world().client_side.kernel);
  walk.run();
}

const Registration registration({"reactor", run});

}  // namespace
}  // namespace duplex::fuzz

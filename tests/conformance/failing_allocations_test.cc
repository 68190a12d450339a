// R57, R58: the n-th allocation of a scene fails while a loop turns, for n = 1, 2, ... until the
// scene needs no more; once, and that one and all that follow until memory returns.
#include <gtest/gtest.h>

#include "failing_scripts.h"

namespace duplex::conformance {
namespace {

using namespace std::chrono_literals;

// False when the scene makes no more than `successes` allocations.
bool fail_after(const Script& script, FailingProcess Scene::*side, std::size_t successes,
                bool for_ever) {
  SCOPED_TRACE("after " + std::to_string(successes) + " allocations");
  Scene scene;
  prepare(scene, script);
  FailingProcess& process = scene.*side;
  script.act(scene);
  process.for_ever = for_ever;
  process.successes_left = successes;
  scene.run_for(500ms);
  process.successes_left.reset();
  if (!process.struck) {
    EXPECT_TRUE(script.worked(scene));
  }
  expect_recovery(scene);
  return process.struck;
}

void fail_each(FailingProcess Scene::*side, bool for_ever) {
  for_each_script([&](const Script& script) {
    SCOPED_TRACE(script.name);
    std::size_t successes = 0;
    while (fail_after(script, side, successes, for_ever) && !testing::Test::HasFailure()) {
      ++successes;
    }
    EXPECT_LT(successes, 1000U);
    return !testing::Test::HasFailure();
  });
}

TEST(FailingAllocations, R57OfTheServerPassOnce) { fail_each(&Scene::server_side, false); }
TEST(FailingAllocations, R58OfTheServerPassWhenMemoryReturns) {
  fail_each(&Scene::server_side, true);
}
TEST(FailingAllocations, R57OfTheClientPassOnce) { fail_each(&Scene::client_side, false); }
TEST(FailingAllocations, R58OfTheClientPassWhenMemoryReturns) {
  fail_each(&Scene::client_side, true);
}

}  // namespace
}  // namespace duplex::conformance

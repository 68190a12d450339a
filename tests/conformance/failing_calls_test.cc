// R59: the n-th system call of a scene fails, for n = 1, 2, ... until the scene makes no more
// calls; once and for ever, each with every errno that its manual page names.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "each_errno.h"
#include "failing_scripts.h"

namespace duplex::conformance {
namespace {

using simulation::Repeat;
using namespace std::chrono_literals;

// Which call the n-th one of the scene is; nothing when it makes fewer.
std::optional<net::Call> fail_nth(const Script& script, FailingProcess Scene::*side,
                                  std::uint64_t n, std::size_t variant, Repeat repeat) {
  SCOPED_TRACE("call " + std::to_string(n) + ", errno " + std::to_string(variant));
  Scene scene;
  prepare(scene, script);
  std::optional<net::Call> reached;
  simulation::Faults& faults = (scene.*side).kernel.faults();
  const auto choose = [&](net::Call call) {
    if (!reached) reached = call;
    return errno_for(call, variant, repeat);
  };
  faults.fail_any(n, choose, repeat);
  script.act(scene);
  scene.run_for(500ms);
  faults.clear();
  if (!reached) {
    EXPECT_TRUE(script.worked(scene));
  }
  expect_recovery(scene);
  return reached;
}

void fail_each(FailingProcess Scene::*side, Repeat repeat) {
  for_each_script([&](const Script& script) {
    SCOPED_TRACE(script.name);
    const auto fail_each_way = [&](std::uint64_t n) {
      return fail_with_each_errno(
          [&](std::size_t variant) { return fail_nth(script, side, n, variant, repeat); });
    };
    std::uint64_t n = 1;
    while (n < 1000 && fail_each_way(n)) ++n;
    EXPECT_LT(n, 1000U);
    return !testing::Test::HasFailure();
  });
}

TEST(FailingCalls, R59OfTheServerPassOnce) { fail_each(&Scene::server_side, Repeat::once); }
TEST(FailingCalls, R59OfTheServerPassAfterALongTime) {
  fail_each(&Scene::server_side, Repeat::for_ever);
}
TEST(FailingCalls, R59OfTheClientPassOnce) { fail_each(&Scene::client_side, Repeat::once); }
TEST(FailingCalls, R59OfTheClientPassAfterALongTime) {
  fail_each(&Scene::client_side, Repeat::for_ever);
}

}  // namespace
}  // namespace duplex::conformance

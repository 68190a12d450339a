// R59: the n-th system call of a scene fails, for n = 1, 2, ... until the scene makes no more
// calls; once and for ever, with one errno of accept(2), send(2) and their kin after the other.
#include <gtest/gtest.h>

#include <cerrno>

#include "failing_scenes.h"

namespace duplex::conformance {
namespace {

using simulation::Repeat;
using namespace std::chrono_literals;

// What never passes in the field: a loop cannot wait, or nothing is ever read from what is ready.
bool fails_for_a_moment_only(net::Call call, int error) {
  return error == EAGAIN || call == net::Call::epoll_wait || call == net::Call::eventfd_read;
}

int errno_for(net::Call call, std::size_t variant, Repeat repeat) {
  const auto errors = simulation::plausible_errors(call);
  if (errors.empty()) return 0;
  const int error = errors[variant % errors.size()];
  return repeat == Repeat::for_ever && fails_for_a_moment_only(call, error) ? 0 : error;
}

// False when the scene makes fewer than `n` calls.
bool fail_nth(const Script& script, FailingProcess Scene::*side, std::uint64_t n,
              std::size_t variant, Repeat repeat) {
  SCOPED_TRACE("call " + std::to_string(n) + ", errno " + std::to_string(variant));
  Scene scene;
  prepare(scene, script);
  bool reached = false;
  (scene.*side)
      .kernel.faults()
      .fail_any(
          n,
          [&](net::Call call) {
            reached = true;
            return errno_for(call, variant, repeat);
          },
          repeat);
  script.act(scene);
  scene.run_for(500ms);
  (scene.*side).kernel.faults().clear();
  if (!reached) {
    EXPECT_TRUE(script.worked(scene));
  }
  expect_recovery(scene);
  return reached;
}

void fail_each(FailingProcess Scene::*side, Repeat repeat) {
  constexpr std::size_t variants = 4;
  for (const Script& script : scripts) {
    SCOPED_TRACE(script.name);
    for (std::uint64_t n = 1; n < 1000; ++n) {
      bool reached = false;
      for (std::size_t variant = 0; variant < variants; ++variant) {
        reached = fail_nth(script, side, n, variant * 5 + n, repeat);
        if (testing::Test::HasFailure()) return;
      }
      if (!reached) break;
    }
  }
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

// R57, R58, R59: the n-th allocation or system call of a client and a subscriber fails, for n = 1,
// 2, ..., once and for long. Whatever it was, every command is answered once, and when it has
// passed both work again.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "../conformance/each_errno.h"
#include "../conformance/sparing_kernel.h"
#include "../support/allocations.h"
#include "duplex/redis/subscriber.h"
#include "scripted_redis.h"
#include "simulation/faults.h"

namespace duplex::redis {
namespace {

using simulation::Repeat;
using namespace std::chrono_literals;

// A process whose allocations can be made to fail while its loop turns.
class Scene {
 public:
  Scene()
      : redis(world_),
        kernel(world_, {.name = "client"}),
        sparing_(kernel),
        loop_(sparing_),
        runner_(world_) {
    redis.set_answer(usual_answer);
    runner_.add(kernel, [this](auto max_wait) { return turn(max_wait); });
  }
  ~Scene() {
    leave();
    runner_.settle();
  }

  void enter() {
    const ClientOptions options = {.connect_timeout = 200ms, .max_reconnect_delay = 200ms};
    client_.emplace(loop_, "redis://127.0.0.1/1", ConnectionHandlers(), options);
    subscriber_.emplace(loop_, "redis://127.0.0.1/1", ConnectionHandlers(), options);
    subscriber_->subscribe("a", {.on_message = [this](std::string_view, Bytes) { ++heard_; }});
  }
  void leave() {
    client_.reset();
    subscriber_.reset();
  }
  void run_for(net::Clock::duration time) {
    const auto end = world_.now() + time;
    while (world_.now() < end) {
      runner_.run_for(1ms);
      redis.serve();
    }
  }

  // A command, from inside the loop: what it needs may fail, too.
  void ask() {
    loop_.run_after(0ms, [this] {
      if (client_->command({"GET", "a"}, [this](const Reply& reply) { ++(reply ? good : lost); })) {
        ++asked;
      }
    });
  }
  // Something of everything.
  void act() {
    ask();
    run_for(20ms);
    redis.push(support::resp_array(
        {support::resp_bulk("message"), support::resp_bulk("a"), support::resp_bulk("x")}));
    run_for(20ms);
    redis.drop();
    run_for(20ms);
    ask();
    run_for(300ms);
  }
  void expect_recovery() {
    run_for(600ms);
    EXPECT_TRUE(client_->is_connected());
    EXPECT_TRUE(subscriber_->is_connected());
    const int before = good;
    heard_ = 0;
    ask();
    run_for(10ms);
    redis.push(support::resp_array(
        {support::resp_bulk("message"), support::resp_bulk("a"), support::resp_bulk("x")}));
    run_for(10ms);
    EXPECT_EQ(good, before + 1);
    EXPECT_EQ(heard_, 1);
    EXPECT_EQ(asked, good + lost);
    leave();
    run_for(10ms);
    EXPECT_EQ(kernel.descriptor_count(), 2U);
  }

 private:
  bool turn(std::chrono::nanoseconds max_wait) {
    if (!successes_left || (struck && !for_ever)) return loop_.turn(max_wait);
    const support::FailingAllocation failing(*successes_left, for_ever);
    const bool goes_on = loop_.turn(max_wait);
    struck = struck || failing.struck();
    successes_left = failing.successes_left();
    return goes_on;
  }

  simulation::World world_{{.link = {.delay = 200us}}};

 public:
  ScriptedRedis redis;
  simulation::Kernel kernel;
  int asked = 0;
  int good = 0;
  int lost = 0;
  std::optional<std::size_t> successes_left;  // allocations until one fails
  bool for_ever = false;
  bool struck = false;

 private:
  conformance::SparingKernel sparing_;
  net::EventLoop loop_;
  simulation::Runner runner_;
  std::optional<Client> client_;
  std::optional<Subscriber> subscriber_;
  int heard_ = 0;
};

// Which call the n-th one is; nothing when there are fewer.
std::optional<net::Call> fail_nth_call(std::uint64_t n, std::size_t variant, Repeat repeat) {
  SCOPED_TRACE("call " + std::to_string(n) + ", errno " + std::to_string(variant));
  Scene scene;
  std::optional<net::Call> reached;
  const auto choose = [&](net::Call call) {
    if (!reached) reached = call;
    return conformance::errno_for(call, variant, repeat);
  };
  scene.enter();
  scene.kernel.faults().fail_any(n, choose, repeat);
  scene.act();
  scene.kernel.faults().clear();
  scene.expect_recovery();
  return reached;
}

void fail_each_call(Repeat repeat) {
  const auto fail_each_way = [&](std::uint64_t n) {
    return conformance::fail_with_each_errno(
        [&](std::size_t variant) { return fail_nth_call(n, variant, repeat); });
  };
  for (std::uint64_t n = 1; fail_each_way(n); ++n) {
  }
}

bool fail_nth_allocation(std::size_t n, bool for_ever) {
  SCOPED_TRACE("allocation " + std::to_string(n));
  Scene scene;
  scene.enter();
  scene.for_ever = for_ever;
  scene.successes_left = n;
  scene.act();
  scene.successes_left.reset();
  scene.expect_recovery();
  return scene.struck;
}

TEST(RedisFailures, R59ACallFailsOnce) { fail_each_call(Repeat::once); }
TEST(RedisFailures, R59CallsFailForALongTime) { fail_each_call(Repeat::for_ever); }
TEST(RedisFailures, R57AnAllocationFails) {
  for (std::size_t n = 0; fail_nth_allocation(n, false) && !HasFailure(); ++n) {
  }
}
TEST(RedisFailures, R58AllocationsFailForALongTime) {
  for (std::size_t n = 0; fail_nth_allocation(n, true) && !HasFailure(); ++n) {
  }
}

}  // namespace
}  // namespace duplex::redis

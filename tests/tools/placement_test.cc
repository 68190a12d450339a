// Which processors the two sides of a bench get, and that what is started there stays there.
#include "../../tools/duplex/bench/placement.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "../../tools/duplex/bench/priority.h"
#include "../../tools/duplex/bench/session.h"
#include "child.h"

namespace duplex::tools {
namespace {

TEST(Placement, TakesTheFirstOfThoseThatAreAllowed) {
  const Placement same = make_placement("same", {3, 5, 6});
  EXPECT_EQ(same.clients, Processors{3});
  EXPECT_EQ(same.server, Processors{3});
  EXPECT_EQ(same.text(), "clients and server on processor 3");
  const Placement split = make_placement("split", {3, 5, 6});
  EXPECT_EQ(split.clients, Processors{3});
  EXPECT_EQ(split.server, Processors{5});
  EXPECT_EQ(split.text(), "clients on processor 3, server on processor 5");
  const Placement free = make_placement("free", {3, 5, 6});
  EXPECT_TRUE(free.clients.empty() && free.server.empty());
  EXPECT_EQ(free.text(), "wherever the scheduler puts them");
}

TEST(Placement, NeedsAProcessorForEachSide) {
  EXPECT_EQ(placement_problem("free", false, {4}), "");
  EXPECT_EQ(placement_problem("same", false, {4}), "");
  EXPECT_EQ(placement_problem("split", false, {4, 9}), "");
  EXPECT_EQ(placement_problem("free", true, {4, 9}), "");
  EXPECT_EQ(placement_problem("split", false, {4}),
            "--place split needs 2 processors, one for each side; this process may use 1");
  EXPECT_EQ(placement_problem("free", true, {4}),
            "--wait spin needs 2 processors, one for each side; this process may use 1");
  EXPECT_EQ(placement_problem("same", true, {4, 9}),
            "--wait spin and --place same exclude each other: each side would wait for the end of "
            "the other's time slice");
}

// The exit code of a process that says where it, and a thread of its own, may run.
int start_and_compare(const Processors& expected) {
  return Child([&] {
           Processors of_thread;
           std::thread([&] { of_thread = allowed_processors(); }).join();
           const bool right = allowed_processors() == expected && of_thread == expected;
           return right ? ExitCode::ok : ExitCode::usage;
         })
      .wait();
}

TEST(OnProcessors, HoldsWhatIsStartedMeanwhile) {
  const Processors before = allowed_processors();
  const Processors last = {before.back()};
  {
    const OnProcessors there(last);
    EXPECT_EQ(allowed_processors(), last);
    EXPECT_EQ(start_and_compare(last), 0);
  }
  EXPECT_EQ(allowed_processors(), before);
  EXPECT_EQ(start_and_compare(before), 0);
}

TEST(OnProcessors, LeavesAloneWhoHasNoPlace) {
  const Processors before = allowed_processors();
  const OnProcessors there(Processors{});
  EXPECT_EQ(allowed_processors(), before);
}

TEST(OnProcessors, SaysWhatIsNotAllowed) {
  EXPECT_THROW(OnProcessors(Processors{1023}), std::system_error);
}

// In a process of its own: the others keep what they have.
TEST(Priority, OfWhoSpinsIsNeverRealTime) {
  const Child child([] {
    const std::string scheduling = raise_nice_value();
    const bool right = sched_getscheduler(0) == SCHED_OTHER &&
                       (scheduling == "normal" || scheduling.starts_with("nice -"));
    return right ? ExitCode::ok : ExitCode::usage;
  });
  EXPECT_EQ(child.wait(), 0);
}

bool has_spin(const std::vector<std::string>& words) {
  const auto wait = std::find(words.begin(), words.end(), "--wait");
  return wait != words.end() && wait + 1 != words.end() && *(wait + 1) == "spin";
}

TEST(ServerWords, TellTheServerToSpin) {
  EXPECT_FALSE(has_spin(server_words({}, {})));
  EXPECT_TRUE(has_spin(server_words({.wait = "spin"}, {})));
}

}  // namespace
}  // namespace duplex::tools

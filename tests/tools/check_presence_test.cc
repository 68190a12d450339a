// A server that goes away in the middle of the cases, and what the suite says of it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "../../tools/duplex/check/presence.h"
#include "../../tools/duplex/check/server_check.h"
#include "check_peer.h"

namespace duplex::tools::suite {
namespace {

using Indices = std::vector<std::size_t>;

constexpr Clock::time_point start{std::chrono::hours(1)};
constexpr Clock::time_point at(int time) { return start + milliseconds(time); }

TEST(CheckPresence, WhatWasOverBeforeTheServerAnsweredDidNoHarm) {
  Presence presence(milliseconds(2000));
  presence.over(0, at(10));
  presence.over(1, at(30));
  presence.answered(at(20));
  EXPECT_EQ(presence.suspects(), (Indices{1}));
  presence.over(2, at(40));
  presence.answered(at(15));  // an older connection proves no more
  EXPECT_EQ(presence.suspects(), (Indices{1, 2}));
}

TEST(CheckPresence, AServerIsGoneWhenItStaysAway) {
  Presence presence(milliseconds(2000));
  presence.refused(at(0));
  EXPECT_TRUE(presence.missing());
  EXPECT_EQ(presence.since(), at(0));
  EXPECT_EQ(presence.next_try(), at(100));
  presence.refused(at(1999));
  EXPECT_FALSE(presence.gone());
  presence.taken();
  EXPECT_FALSE(presence.missing());
  presence.refused(at(3000));
  EXPECT_FALSE(presence.gone()) << "for the first time";
  presence.refused(at(5000));
  EXPECT_TRUE(presence.gone());
}

TEST(CheckPresence, TheSuspectsCanBeRunAlone) {
  const Absence absence = {.first = "1.1.3",
                           .problem = "cannot connect to a:1: Connection refused",
                           .suspects = {"1.1.1", "F40"}};
  EXPECT_EQ(explain(absence, "duplex check --case {case} ws://a:1/"),
            (std::vector<std::string>{
                "the server is gone since case 1.1.3: cannot connect to a:1: Connection refused",
                "under way when it went, or just over: 1.1.1, F40",
                "these alone, one after another: duplex check --case 1.1.1 --case F40 "
                "--parallel 1 ws://a:1/"}));
  EXPECT_EQ(describe(Absence{.first = "1.1.3", .back = true}),
            "the server took no connection for a while, since case 1.1.3");
  EXPECT_EQ(describe(Absence{}), "the server is gone since the last case");
}

TEST(CheckPresence, WithoutAConnectionNothingIsRight) {
  for (const Case& item : every_case()) {
    if (!is_for(item, Role::client) || item.load != Load::light) continue;
    CaseRun run(item, {.place = {.host = "a", .path = "/"}}, start);
    run.not_connected("cannot connect");
    EXPECT_EQ(run.next(start), CaseRun::Next::finish);
    const CaseResult result = run.result(start);
    EXPECT_EQ(name_of(result.verdict()), "FAILED") << item.id;
    EXPECT_EQ(result.problem, "cannot connect");
    EXPECT_EQ(result.behavior_close, "FAILED");
    EXPECT_EQ(result.got, "no connection");
    EXPECT_EQ(result.transcript.bytes(Transcript::Direction::sent, Transcript::Detail::brief),
              "nothing");
  }
}

// --- On sockets ----------------------------------------------------------------------------------

// A server that takes so many connections, answers none and is away then. The first connection is
// that of the run which looks whether there is anybody.
class Dying {
 public:
  explicit Dying(int connections) : left_(connections) {
    open();
    thread_ = std::thread([this] { serve(); });
  }
  ~Dying() {
    if (thread_.joinable()) thread_.join();
    if (listener_ >= 0) kernel_.close(listener_);
  }
  net::Address address() const { return address_; }
  // Only when it is away.
  void come_back() {
    thread_.join();
    open();
  }

 private:
  void open() { listener_ = listen_on(kernel_, address_); }

  // Everything ends at once, the listener first.
  void serve() {
    std::vector<int> taken;
    while (left_ > 0) {
      const int fd = kernel_.accept(listener_, nullptr);
      if (fd < 0) {
        usleep(1000);
        continue;
      }
      taken.push_back(fd);
      --left_;
    }
    kernel_.close(listener_);
    listener_ = -1;
    for (const int fd : taken) kernel_.close(fd);
  }

  net::LinuxKernel kernel_;
  net::Address address_ = *net::Address::parse("127.0.0.1", 0);
  int listener_ = -1;
  int left_;
  std::thread thread_;
};

Setting impatient() {
  return {.role = Role::client,
          .place = {.host = "localhost", .path = "/"},
          .timeout = std::chrono::minutes(1),
          .absence = milliseconds(50)};
}

// A case for which the end of the connection is an answer.
Case refusal(std::string id, std::function<void()> before = {}) {
  return {.id = std::move(id), .write = [before = std::move(before)](Script& script) {
            if (before) before();
            script.opening().wanted = Opening::Wanted::refusal;
          }};
}

TEST(CheckPresence, AServerThatDiesPassesNoMore) {
  const Dying server(2);
  const Case first = refusal("first");
  const Case second = refusal("second");
  const Case third = refusal("third");
  ServerCheck check(server.address(), impatient(), 1);
  const auto results = check.run({&first, &second, &third}, {});
  ASSERT_EQ(results.size(), 2U) << "the third is not run";
  EXPECT_EQ(results[0].verdict(), Verdict::failed);
  EXPECT_NE(results[0].problem.find("took no connection any more"), std::string::npos);
  EXPECT_EQ(results[0].got, "no answer, end of the connection");
  EXPECT_EQ(results[1].verdict(), Verdict::failed);
  EXPECT_EQ(results[1].problem,
            "cannot connect to " + server.address().text() + ": Connection refused");
  EXPECT_TRUE(check.gone());
  ASSERT_EQ(check.absences().size(), 1U);
  EXPECT_EQ(check.absences()[0].first, "second");
  EXPECT_EQ(check.absences()[0].suspects, (std::vector<std::string>{"first"}));
}

TEST(CheckPresence, TheLastCaseIsLookedAfter) {
  const Dying server(2);
  const Case only = refusal("only");
  ServerCheck check(server.address(), impatient(), 1);
  const auto results = check.run({&only}, {});
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].verdict(), Verdict::failed);
  EXPECT_TRUE(check.gone());
  EXPECT_EQ(check.absences().at(0).first, "");
  EXPECT_EQ(check.absences().at(0).suspects, (std::vector<std::string>{"only"}));
}

TEST(CheckPresence, AServerThatIsStartedAgainIsTestedOn) {
  Dying server(2);
  int begun = 0;
  const Case first = refusal("first");
  // Refused once, and then there is somebody, who does not answer.
  const Case second = {.id = "second", .write = [&](Script& script) {
                         if (++begun == 2) server.come_back();
                         script.opening().wanted = Opening::Wanted::refusal;
                         script.opening().may_wait = true;
                       }};
  Setting setting = impatient();
  setting.absence = std::chrono::minutes(1);
  ServerCheck check(server.address(), setting, 1);
  const auto results = check.run({&first, &second}, {});
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].verdict(), Verdict::failed) << "the server fell over it";
  EXPECT_EQ(results[1].verdict(), Verdict::ok);
  EXPECT_FALSE(check.gone());
  ASSERT_EQ(check.absences().size(), 1U);
  EXPECT_TRUE(check.absences()[0].back);
  EXPECT_EQ(check.absences()[0].suspects, (std::vector<std::string>{"first"}));
}

// One connection outlives the time in which no other was taken.
TEST(CheckPresence, AServerThatWasOnlyBusyIsNoNews) {
  net::LinuxKernel kernel;
  net::Address address = *net::Address::parse("127.0.0.1", 0);
  int listener = listen_on(kernel, address);
  std::vector<int> taken;
  int begun = 0;
  const Case first = refusal("first");
  const auto waits = [](std::string id, std::function<void()> before) {
    return Case{.id = std::move(id), .write = [before = std::move(before)](Script& script) {
                  before();
                  script.opening().wanted = Opening::Wanted::refusal;
                  script.opening().may_wait = true;
                }};
  };
  const Case second = waits("second", [&] {
    if (++begun == 2) listener = listen_on(kernel, address);
    if (begun != 1) return;
    while (taken.size() < 2) {
      if (const int fd = kernel.accept(listener, nullptr); fd >= 0) taken.push_back(fd);
    }
    kernel.close(listener);
  });
  const Case third = waits("third", [&] { kernel.close(taken.back()); });
  Setting setting = impatient();
  setting.absence = std::chrono::minutes(1);
  ServerCheck check(address, setting, 2);
  const auto results = check.run({&first, &second, &third}, {});
  ASSERT_EQ(results.size(), 3U);
  for (const CaseResult& result : results) {
    EXPECT_EQ(name_of(result.verdict()), "OK") << result.id << " " << result.problem;
  }
  EXPECT_TRUE(check.absences().empty());
  kernel.close(taken.front());
  kernel.close(listener);
}

// connect(2) says at once that nobody listens on the path.
TEST(CheckPresence, ASocketThatIsRefusedAtOnceIsNoConnection) {
  net::LinuxKernel kernel;
  const std::string path = "/tmp/duplex-presence-" + std::to_string(getpid());
  net::Address address = *net::Address::unix_path(path);
  unlink(path.c_str());
  const int listener = listen_on(kernel, address);
  const Case only = refusal("only", [&] { unlink(path.c_str()); });
  ServerCheck check(address, impatient(), 1);
  const auto results = check.run({&only}, {});
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].verdict(), Verdict::failed);
  EXPECT_EQ(results[0].problem,
            "cannot connect to " + address.text() + ": No such file or directory");
  kernel.close(listener);
}

}  // namespace
}  // namespace duplex::tools::suite

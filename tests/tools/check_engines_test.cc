// Cases on real sockets, both ways: the engines against the library's own server and client.
#include <gtest/gtest.h>

#include <thread>

#include "../../tools/duplex/check/autobahn_client.h"
#include "../../tools/duplex/check/client_check.h"
#include "../../tools/duplex/check/server_check.h"
#include "duplex/duplex.h"

namespace duplex::tools::suite {
namespace {

const Cases& every_case() {
  static const Cases cases = all_cases();
  return cases;
}

std::vector<const Case*> cases_of(const std::vector<std::string>& patterns, Role role) {
  std::vector<const Case*> chosen;
  for (const Case& item : every_case()) {
    for (const std::string& pattern : patterns) {
      if (matches(pattern, item.id) && is_for(item, role)) chosen.push_back(&item);
    }
  }
  return chosen;
}

// An echo server on a thread of its own.
class EchoThread {
 public:
  EchoThread() : server_(loop_, {}) {
    server_.websocket("/echo",
                      {.on_message = [](Connection& peer, Message message) { peer.send(message); }},
                      {.deflate = websocket::DeflateOptions{}});
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~EchoThread() {
    loop_.stop();
    thread_.join();
  }
  net::Address address() const { return server_.address(); }

 private:
  EventLoop loop_;
  Server server_;
  std::thread thread_;
};

// Patience beyond what a busy machine needs: nothing here waits for it to pass.
Setting patient() {
  return {.role = Role::client,
          .place = {.host = "localhost", .path = "/echo"},
          .timeout = std::chrono::minutes(1)};
}

TEST(CheckEngines, AServerPassesOnRealSockets) {
  const EchoThread echo;
  const auto cases = cases_of({"1.1.*", "2.*", "5.*", "7.*", "9.1.3", "12.1.1", "D*", "W*", "H4?",
                               "F42", "F84", "F10?", "F12?"},
                              Role::client);
  ServerCheck check(echo.address(), patient(), 8);
  std::size_t told = 0;
  const auto results = check.run(cases, [&told](const CaseResult&) { ++told; });
  ASSERT_EQ(results.size(), cases.size());
  EXPECT_EQ(told, cases.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].id, cases[i]->id);
    EXPECT_EQ(name_of(results[i].verdict()), "OK") << results[i].id << " " << results[i].problem;
  }
}

TEST(CheckEngines, AServerThatOpensNothingIsKnownBeforehand) {
  const EchoThread echo;
  Setting setting = patient();
  EXPECT_EQ(ServerCheck(echo.address(), setting, 1).try_opening(), "");
  setting.place.path = "/elsewhere";
  EXPECT_EQ(ServerCheck(echo.address(), setting, 1).try_opening(),
            "did not open: HTTP/1.1 404 Not Found");
}

TEST(CheckEngines, AServerThatIsNotThereIsAnError) {
  const auto cases = cases_of({"1.1.1"}, Role::client);
  ServerCheck check(*net::Address::unix_path("/no/such/socket"), patient(), 1);
  EXPECT_THROW(check.run(cases, {}), std::system_error);
}

// What a case sends may take longer to write down than a server waits for a request.
TEST(CheckEngines, AConnectionBeginsWhenItsScriptIsWritten) {
  net::LinuxKernel kernel;
  net::Address address = *net::Address::parse("127.0.0.1", 0);
  const int listener = listen_on(kernel, address);
  const auto take_all = [&] {
    int count = 0;
    for (int fd; (fd = kernel.accept(listener, nullptr)) >= 0; ++count) kernel.close(fd);
    return count;
  };
  int early = 0;
  const Case item = {.id = "slow", .write = [&](Script&) { early = take_all(); }};
  Setting setting = patient();
  setting.timeout = milliseconds(1000);
  ServerCheck(address, setting, 1).run({&item}, {});
  EXPECT_EQ(early, 1) << "only the one that knocks";
  EXPECT_EQ(take_all(), 2) << "its own, and the one that looks whether the server is still there";
  kernel.close(listener);
}

TEST(CheckEngines, AClientEchoesItsWayThrough) {
  const auto cases = cases_of(
      {"1.2.*", "2.*", "7.*", "K[01]*", "K2[^4]", "K3*", "9.2.3", "12.1.1", "13.?.1", "D*"},
      Role::server);
  ClientCheck check({.address = *net::Address::parse("127.0.0.1", 0),
                     .timeout = std::chrono::minutes(1),
                     .once = true},
                    cases);
  std::vector<Report> reports;
  std::thread server([&] { check.run([&](const auto& now) { reports = now; }, {}); });
  EventLoop loop;
  std::vector<std::string> told;
  AutobahnClient client(loop, "ws://" + check.address().text(), "the & client",
                        [&](const std::string& behavior, const std::string& info) {
                          told.push_back(behavior + " " + info);
                        });
  client.start();
  loop.run();
  server.join();
  EXPECT_EQ(client.summary().problem, "");
  EXPECT_EQ(client.summary().case_count, cases.size());
  EXPECT_EQ(client.summary().bad_count, 0U);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].agent, "the & client");
  EXPECT_EQ(reports[0].cases.size(), cases.size());
  EXPECT_TRUE(reports[0].all_pass());
  EXPECT_EQ(reports[0].count(Verdict::unimplemented), 0U);
}

// Runs the command for those cases, two at a time.
std::unique_ptr<ClientCheck> run_command(std::string command, const std::vector<const Case*>& cases,
                                         milliseconds timeout = std::chrono::minutes(1)) {
  auto check = std::make_unique<ClientCheck>(
      ClientCheckOptions{.address = *net::Address::parse("127.0.0.1", 0),
                         .timeout = timeout,
                         .parallel = 2,
                         .command = std::move(command),
                         .case_options = " --limit 1024"},
      cases);
  check->run({}, {});
  return check;
}

TEST(CheckEngines, ACommandThatNeverConnectsIsGivenUp) {
  const auto cases = cases_of({"1.1.*"}, Role::server);
  const auto check = run_command("true '' {url}", cases);
  EXPECT_EQ(check->hopeless(), "the command ended (exit code 0) without running the case");
  const std::vector<Report> reports = check->reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].count(Verdict::failed), 2U) << "those that ran at once";
  EXPECT_EQ(reports[0].repeat,
            "duplex check --case {case} --limit 1024 --exec 'true '\\'''\\'' {url}'");
  EXPECT_EQ(run_command("kill -TERM $$ {url}", cases)->hopeless(),
            "the command ended (signal 15) without running the case");
  EXPECT_EQ(run_command("sleep 60; true {url}", cases, milliseconds(50))->hopeless(),
            "the command was killed, after all its time, without running the case");
}

TEST(CheckEngines, ACommandThatIsNotThereIsGivenUpAtOnce) {
  const auto cases = cases_of({"1.1.1", "1.1.2"}, Role::server);
  const auto check = run_command("case {url} in */1) sleep 60;; *) no-such-command;; esac", cases);
  EXPECT_EQ(check->hopeless(),
            "the command ended (exit code 127: not found) without running the case");
  EXPECT_EQ(run_command("/dev/null {url}", cases)->hopeless(),
            "the command ended (exit code 126: cannot be run) without running the case");
}

TEST(CheckEngines, WhatWaitsForLongBeginsFirst) {
  const auto cases = cases_of({"1.1.*", "9.1.6", "H172", "H173", "F40"}, Role::client);
  Schedule schedule(cases, 3);
  std::vector<std::string> begun;
  while (const auto index = schedule.begin()) begun.push_back(cases[*index]->id);
  EXPECT_EQ(begun, (std::vector<std::string>{"H172", "H173", "9.1.6"}));
}

TEST(CheckEngines, HeavyCasesGoInPairsAndFloodsAlone) {
  const auto cases = cases_of({"9.1.*", "F40", "F41", "1.1.*"}, Role::client);
  Schedule schedule(cases, 5);
  std::vector<std::size_t> running;
  std::size_t most_heavy = 0;
  std::size_t begun = 0;
  while (!schedule.done()) {
    while (const auto index = schedule.begin()) {
      running.push_back(*index);
      ++begun;
    }
    EXPECT_LE(running.size(), 5U);
    std::size_t heavy = 0;
    for (const std::size_t index : running) {
      if (cases[index]->load == Load::heavy) ++heavy;
      if (cases[index]->load == Load::flood) {
        EXPECT_EQ(running.size(), 1U);
      }
    }
    most_heavy = std::max(most_heavy, heavy);
    ASSERT_FALSE(running.empty());
    schedule.end(running.front());
    running.erase(running.begin());
  }
  EXPECT_EQ(begun, cases.size());
  EXPECT_EQ(most_heavy, 2U);
}

}  // namespace
}  // namespace duplex::tools::suite

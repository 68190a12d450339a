// What commands leave behind: files, and exit codes when there was nothing to say.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "../../tools/duplex/bench/render.h"
#include "../../tools/duplex/command.h"
#include "child.h"
#include "duplex/codec/json.h"
#include "duplex/duplex.h"
#include "run_fixtures.h"
#include "text_file.h"

namespace duplex::tools {
namespace {

// Runs without a word on stdout.
int exit_of(ExitCode (*command)(Arguments), const std::vector<std::string>& words) {
  const Child child([&] {
    dup2(open("/dev/null", O_WRONLY), 1);
    return command(std::vector<std::string_view>(words.begin(), words.end()));
  });
  return child.wait();
}

TEST(Outcome, OfAReportWithoutABlock) {
  const TextFile some("some.json", render("json", make_report(good_run())));
  const TextFile none("none.json", render("json", make_report(run_of({}))));
  EXPECT_EQ(exit_of(report_command, {some.path}), static_cast<int>(ExitCode::ok));
  EXPECT_EQ(exit_of(report_command, {none.path}), static_cast<int>(ExitCode::inconclusive));
}

TEST(Outcome, OfALoadThatHeardNothing) {
  const Child child([] {
    dup2(open("/dev/null", O_WRONLY), 1);
    EventLoop loop;
    Server server(loop);
    server.websocket("/", {});
    const std::string url = "ws://127.0.0.1:" + std::to_string(server.port()) + '/';
    std::thread thread([&loop] { loop.run(); });
    const ExitCode exit = load_command(
        std::vector<std::string_view>{"--feed", "-c", "2", "-d", "100ms", "--patience", "0s", url});
    loop.stop();
    thread.join();
    return exit;
  });
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::inconclusive));
}

TEST(Outcome, OfASelfTestIsWrittenToEachFile) {
  const TextFile text("link.txt", "");
  const TextFile json("link.json", "");
  const int exit =
      exit_of(wire_command, {"loopback", "--self-test", "-o", text.path, "-o", json.path});
  if (exit == static_cast<int>(ExitCode::could_not_connect)) GTEST_SKIP() << "no namespaces here";
  EXPECT_NE(text.text().find("loopback"), std::string::npos) << text.text();
  const auto parsed = codec::parse_json(json.text());
  ASSERT_TRUE(parsed) << json.text();
  EXPECT_NE(parsed->find("self_test"), nullptr);
}

}  // namespace
}  // namespace duplex::tools

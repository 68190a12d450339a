// Where, with what and how something was measured, in a few lines.
#include "../../tools/duplex/bench/fingerprint.h"

#include <gtest/gtest.h>

#include "../../tools/duplex/bench/render.h"
#include "run_fixtures.h"

namespace duplex::tools {
namespace {

TEST(Fingerprint, HasMachineProgramAndCommand) {
  const Environment environment = {{"kernel", "Linux 6.1 x86_64"},
                                   {"processor", "A"},
                                   {"processors", "2"},
                                   {"virtual_machine", "no"},
                                   {"duplex", "0.1.0"},
                                   {"commit", "0123456+"},
                                   {"compiler", "12.2.0"},
                                   {"command_line", "duplex bench"},
                                   {"governor", "unknown"}};
  EXPECT_EQ(fingerprint(environment, 7),
            "machine: Linux 6.1 x86_64, A, processors: 2, virtual machine: no\n"
            "program: duplex 0.1.0, commit 0123456+, compiler 12.2.0\n"
            "command: duplex bench\n"
            "seed: 7\n");
  EXPECT_EQ(fingerprint({}, 7), "");
}

// A file of somebody else's may hold anything.
TEST(Fingerprint, KeepsToItsLines) {
  EXPECT_EQ(fingerprint({{"kernel", "a\nseed: 9\x1b[2J"}}, 1),
            "machine: a\\nseed: 9\\x1b[2J\nseed: 1\n");
}

TEST(Fingerprint, StandsInTextAndMarkdown) {
  BenchRun run = good_run();
  run.environment = {{"kernel", "Linux 6.1"}};
  const BenchReport report = make_report(run);
  const std::string facts = "\n\nmachine: Linux 6.1\nseed: 1\n";
  EXPECT_TRUE(render_text(report).ends_with(facts)) << render_text(report);
  EXPECT_TRUE(render_markdown(report).ends_with(facts)) << render_markdown(report);
}

}  // namespace
}  // namespace duplex::tools

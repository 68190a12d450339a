// duplex wire where a relay stands for the link: what it says that it has done.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "../../tools/duplex/command.h"
#include "../../tools/duplex/wire/link_report.h"
#include "child.h"
#include "text_file.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

wire::RelayReport some_report() {
  wire::RelayReport report = {.delay = 10ms, .counters = {.connections = 2}};
  report.options.up.delay = 5ms;
  report.options.down.delay = 15ms;
  report.counters.up = {.bytes_in = 100, .bytes_out = 60, .on_the_way = 30, .latest = 2ms};
  report.counters.down = {.bytes_in = 7, .bytes_out = 7};
  return report;
}

TEST(WireRelay, TellsBytesAndNoPackets) {
  const std::string text = render_text(some_report());
  EXPECT_NE(text.find("relay, 10.0 ms each way · TCP connections: 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("packets and what became of them: not known"), std::string::npos) << text;
  EXPECT_EQ(text.find("lost"), std::string::npos) << text;
  for (const std::string_view figure : {"100", "60", "30", "10", "2.00 ms"}) {
    EXPECT_NE(text.find(figure), std::string::npos) << figure << text;
  }
}

TEST(WireRelay, GivesNullForWhatItCannotKnow) {
  const std::string json = render_json(some_report());
  for (const std::string_view part :
       {"\"engine\": \"relay\"", "\"delay_each_way\": 0.01", "\"connections\": 2",
        "\"packets_in\": null", "\"dropped\": null", "\"bytes_in\": 100", "\"bytes_out\": 60",
        "\"bytes_on_the_way\": 30", "\"bytes_cut\": 10", "\"delay\": 0.005"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << json;
  }
}

// Nothing connects: the statistics are there all the same.
TEST(WireRelay, WritesWhatItsOptionsAskFor) {
  const TextFile json(".json", "");
  const TextFile text(".txt", "");
  const std::array<int, 2> ends = new_pipe();
  const Child child([&] {
    dup2(ends[1], 2);
    return wire_command(std::vector<std::string_view>{"--engine", "relay", "--port", "9", "--delay",
                                                      "1ms", "--stats", "-o", json.path, "-o",
                                                      text.path, "--exec", "true"});
  });
  EXPECT_EQ(child.wait(), static_cast<int>(ExitCode::ok));
  EXPECT_NE(first_line(ends[0]).find("stay local"), std::string::npos);
  close(ends[1]);
  EXPECT_NE(first_line(ends[0]).find("link custom: "), std::string::npos);
  close(ends[0]);
  EXPECT_NE(json.text().find("\"connections\": 0"), std::string::npos);
  EXPECT_NE(text.text().find("TCP connections: 0"), std::string::npos);
}

}  // namespace
}  // namespace duplex::tools

// What -w prints, and transcripts.
#include "../../tools/duplex/connect/write_out.h"

#include <gtest/gtest.h>

#include <string>

#include "../../tools/duplex/connect/ending.h"
#include "../../tools/duplex/connect/figures.h"
#include "../../tools/duplex/connect/transcript.h"
#include "../../tools/duplex/output_file.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

TEST(WriteOut, FillsInVariablesAndEscapes) {
  const Figures figures = {{"bytes_in", "12"}, {"url", "ws://a/"}};
  EXPECT_EQ(write_out("%{bytes_in}\\t%{url}\\n\\\\ 100%% \\x", figures),
            "12\tws://a/\n\\ 100% \\x");
  EXPECT_EQ(write_out("%{json}", figures), R"({"bytes_in":12,"url":"ws://a/"})");
}

TEST(WriteOut, NamesTheVariableThatThereIsNot) {
  EXPECT_EQ(write_out_problem("%{bytes_in} %{json} %%{x}"), "");
  EXPECT_EQ(write_out_problem("%{time_tpc}"),
            "-w: there is no variable 'time_tpc'; --help lists them");
  EXPECT_EQ(write_out_problem("%{url"), "-w: '%{url' has a %{ without a }");
}

// Whatever is promised has a value.
TEST(WriteOut, EveryVariableHasAFigure) {
  const ConversationFigures talk;
  const SocketTap::Figures socket;
  const measure::Histogram replies;
  const Figures figures = figures_of({.conversation = talk,
                                      .socket = socket,
                                      .replies = replies,
                                      .url = "ws://a/",
                                      .total = 1500us,
                                      .exit = ExitCode::could_not_connect});
  ASSERT_EQ(figures.size(), write_out_variables().size());
  for (std::size_t i = 0; i < figures.size(); ++i) {
    EXPECT_EQ(figures[i].first, write_out_variables()[i].name);
  }
  EXPECT_EQ(write_out("%{time_total} %{time_tcp} %{close_code} %{exitcode}", figures),
            "0.001500 0.000000 0 2");
}

TEST(Transcript, IsAnObjectALine) {
  const WallTime time{1'700'000'000'000'042us};
  EXPECT_EQ(transcript_line(time, true, Saying::text, as_bytes("a\"b\xc3\xa9")),
            "{\"time\":\"2023-11-14T22:13:20.000042Z\",\"from\":\"client\",\"type\":\"text\","
            "\"text\":\"a\\\"b\xc3\xa9\"}\n");
  const std::string binary = transcript_line(time, false, Saying::binary, as_bytes("ab"));
  EXPECT_TRUE(binary.ends_with("\"from\":\"server\",\"type\":\"binary\",\"hex\":\"61 62\"}\n"));
  EXPECT_TRUE(transcript_line(time, true, Saying::ping, as_bytes("\xff"))
                  .ends_with("\"type\":\"ping\",\"hex\":\"ff\"}\n"));
  const std::string bye = close_payload(CloseCode::normal_closure, "bye");
  EXPECT_TRUE(transcript_line(time, true, Saying::close, as_bytes(bye))
                  .ends_with("\"type\":\"close\",\"code\":1000,\"text\":\"bye\"}\n"));
  EXPECT_TRUE(transcript_line(time, true, Saying::close, {})
                  .ends_with("\"type\":\"close\",\"text\":\"\"}\n"));
}

TEST(Transcript, IsInTheFileAtOnceAndReplacesWhatWasThere) {
  const std::string path = testing::TempDir() + "transcript_test";
  ASSERT_TRUE(write_file("test", path, "old"));
  Transcript transcript;
  ASSERT_TRUE(transcript.open(path));
  transcript.add(WallTime{}, true, Saying::text, as_bytes("x"));
  EXPECT_EQ(read_file("test", path),
            transcript_line(WallTime{}, true, Saying::text, as_bytes("x")));
  EXPECT_FALSE(transcript.failed());
}

TEST(Transcript, NoticesAFullDisk) {
  Transcript transcript;
  EXPECT_FALSE(transcript.open("/no/such/folder/file"));
  ASSERT_TRUE(transcript.open("/dev/full"));
  transcript.add(WallTime{}, true, Saying::text, as_bytes("x"));
  EXPECT_TRUE(transcript.failed());
}

}  // namespace
}  // namespace duplex::tools

// What the suite says about its cases, in each format.
#include <gtest/gtest.h>

#include "../../tools/duplex/check/report.h"

namespace duplex::tools::suite {
namespace {

const Case framing = {
    .id = "1.1.1", .family = "1 framing", .title = "a text", .section = "RFC 6455 5"};
const Case closing = {
    .id = "7.9.1", .family = "7 close", .title = "a <bad> code", .section = "RFC 6455 7.4"};

Report sample() {
  CaseResult good = {.id = "1.1.1", .behavior = Verdict::ok, .remote_close_code = 1000};
  CaseResult bad = {.id = "7.9.1",
                    .behavior = Verdict::ok,
                    .behavior_close = "WRONG CODE",
                    .remote_close_code = 1001,
                    .duration = milliseconds(12),
                    .problem = "the wrong code",
                    .expected = "Close 1002",
                    .got = "Close 1001"};
  bad.transcript.add(Transcript::Direction::sent, "GET / HTTP/1.1\r\n\r\n", {});
  bad.transcript.add(Transcript::Direction::sent, "\x88\x80", {});
  bad.transcript.add(Transcript::Direction::received, "HTTP/1.1 101 S\r\n\r\n", {});
  bad.transcript.add(Transcript::Direction::received, "\x88\x02\x03\xe9", {});
  return {.agent = "peer",
          .repeat = "duplex check --case {case} ws://h/",
          .cases = {{&framing, good}, {&closing, bad}},
          .duration = milliseconds(1500)};
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(CheckReport, AWrongCloseIsAFailure) {
  const Report report = sample();
  EXPECT_EQ(report.count(Verdict::ok), 1U);
  EXPECT_EQ(report.count(Verdict::failed), 1U);
  EXPECT_FALSE(report.all_pass());
}

TEST(CheckReport, TextExplainsWhatFailed) {
  const std::string text = render("text", {sample()});
  EXPECT_TRUE(contains(text, "FAILED        7.9.1  a <bad> code (RFC 6455 7.4)\n"));
  EXPECT_TRUE(contains(text, "    because   the wrong code\n"));
  EXPECT_TRUE(contains(text, "    sent      88 80\n"));
  EXPECT_TRUE(contains(text, "    expected  Close 1002\n"));
  EXPECT_TRUE(contains(text, "    got       Close 1001\n"));
  EXPECT_TRUE(contains(text, "    received  88 02 03 e9\n"));
  EXPECT_TRUE(contains(text, "    repeat    duplex check --case 7.9.1 ws://h/\n"));
  EXPECT_TRUE(contains(text, "peer: 2 cases in 1.50 s, 1 failed, 0 not strictly right\n"));
  EXPECT_FALSE(contains(text, "a text"));
}

TEST(CheckReport, JsonHasTheMembersOfAutobahn) {
  const std::string json = render("json", {sample()}, "r.html");
  EXPECT_TRUE(contains(json, "\"peer\": {"));
  EXPECT_TRUE(contains(json, "\"7.9.1\": {"));
  EXPECT_TRUE(contains(json, "\"behavior\": \"OK\""));
  EXPECT_TRUE(contains(json, "\"behaviorClose\": \"WRONG CODE\""));
  EXPECT_TRUE(contains(json, "\"duration\": 12"));
  EXPECT_TRUE(contains(json, "\"remoteCloseCode\": 1001"));
  EXPECT_TRUE(contains(json, "\"reportfile\": \"r.html#7.9.1\""));
  EXPECT_TRUE(contains(json, "\"got\": \"Close 1001\""));
  EXPECT_TRUE(contains(json, "\"received\": \"88 02 03 e9\""));
}

TEST(CheckReport, JUnitCountsFailures) {
  const std::string xml = render("junit", {sample()});
  EXPECT_TRUE(contains(
      xml, "<testsuite name=\"peer\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\""));
  EXPECT_TRUE(contains(xml, "<failure message=\"the wrong code\">"));
  EXPECT_TRUE(contains(xml, "a &lt;bad&gt; code"));
  EXPECT_FALSE(contains(xml, "<bad>"));
}

TEST(CheckReport, HtmlHasAMatrixAndTheWireLog) {
  const std::string html = render("html", {sample()});
  EXPECT_TRUE(contains(html, "<td class=\"FAILED\"><a href=\"#7.9.1\">FAILED</a></td>"));
  EXPECT_TRUE(contains(html, "<h3 id=\"7.9.1\">"));
  EXPECT_TRUE(contains(html, " → 88 80\n"));
  EXPECT_FALSE(contains(html, "<bad>"));
}

TEST(CheckReport, SeveralPeersShareAPage) {
  Report other = sample();
  other.agent = "other";
  Report first = sample();
  first.cases.pop_back();  // the case that only the other one ran
  const std::vector<Report> reports = {first, other};
  const std::string html = render("html", reports);
  EXPECT_TRUE(contains(html, "<a href=\"#1.1.1\">OK</a>"));
  EXPECT_TRUE(contains(html, "<a href=\"#2:1.1.1\">OK</a>"));
  EXPECT_TRUE(contains(html, "<a href=\"#2:7.9.1\">FAILED</a>"));
  EXPECT_TRUE(contains(html, "<h3 id=\"1.1.1\">"));
  EXPECT_TRUE(contains(html, "<h3 id=\"2:1.1.1\">"));
  const std::string json = render("json", reports, "r.html");
  EXPECT_TRUE(contains(json, "\"reportfile\": \"r.html#1.1.1\""));
  EXPECT_TRUE(contains(json, "\"reportfile\": \"r.html#2:1.1.1\""));
}

TEST(CheckReport, FormatsGoByTheEnding) {
  EXPECT_EQ(format_for("a.json"), "json");
  EXPECT_EQ(format_for("a.xml"), "junit");
  EXPECT_EQ(format_for("a.html"), "html");
  EXPECT_EQ(format_for("a"), "text");
}

TEST(CheckReport, LongBytesAreShortened) {
  EXPECT_EQ(show_bytes("\x01\x02", 2), "01 02");
  EXPECT_EQ(show_bytes(std::string(50, '\1'), 300, 2), "01 01 … (298 more bytes)");
  EXPECT_EQ(show_bytes("GET / HTTP/1.1\r\n", 16), "\"GET / HTTP/1.1\\r\\n\"");
}

// The bytes must do to send them again; a terminal shows the field that a case is about.
TEST(CheckReport, FilesHaveMoreOfTheBytesThanATerminal) {
  const std::string field = "X-Fault: " + std::string(600, 'x') + "y\r\n";
  Report report = sample();
  Transcript& transcript = report.cases[1].result.transcript;
  transcript = {};
  transcript.add(Transcript::Direction::sent, "GET / HTTP/1.1\r\n" + field + "\r\n", {});
  for (int i = 0; i < 5000; ++i) {
    transcript.add(Transcript::Direction::received, std::string(1, '\1'), {});
  }
  const std::string text = render("text", {report});
  EXPECT_TRUE(contains(text, "xy\\r\\n\\r\\n\"\n")) << text;
  EXPECT_TRUE(contains(text, " 01 … (4960 more bytes)\n")) << text;
  for (const std::string_view format : {"json", "junit", "html"}) {
    const std::string file = render(format, {report});
    EXPECT_TRUE(contains(file, " 01 … (904 more bytes)")) << file;
    EXPECT_GT(file.size(), 3U * 4096) << file;
  }
}

TEST(CheckReport, WordsForAShellAreQuotedWhereTheyHaveToBe) {
  EXPECT_EQ(shell_word("ws://[::1]:9001/echo"), "'ws://[::1]:9001/echo'");
  EXPECT_EQ(shell_word("ws://127.0.0.1:9001/echo"), "ws://127.0.0.1:9001/echo");
  EXPECT_EQ(shell_word("ws://h/?a=1&b=2"), "'ws://h/?a=1&b=2'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(CheckReport, WhatAPeerWroteDoesNothing) {
  EXPECT_EQ(printable("200 O\xff\x1b[2J\r\nK \\ <\"é"),
            "200 O\\xff\\x1b[2J\\r\\nK \\x5c <\"\\xc3\\xa9");
  EXPECT_EQ(printable(std::string(201, 'a')), std::string(200, 'a') + " …");
}

// Whoever reads it must not take it for the whole.
TEST(CheckReport, ARunThatWasCutShortSaysSo) {
  const Case left = {.id = "9.9", .family = "9 limits", .title = "large", .section = "RFC 6455 5"};
  Report report = sample();
  report.notes = {"a <note>"};
  report.cut("interrupted", {&framing, &closing, &left});
  const std::string text = render("text", {report});
  EXPECT_TRUE(text.ends_with("\na <note>\ninterrupted: 2 of 3 cases\n")) << text;
  const std::string json = render("json", {report});
  EXPECT_TRUE(contains(json, "\"9.9\": {"));
  EXPECT_TRUE(contains(json, "\"behavior\": \"MISSING\""));
  EXPECT_TRUE(contains(json, "\"problem\": \"not run: interrupted\""));
  const std::string xml = render("junit", {report});
  EXPECT_TRUE(contains(xml, "tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\"")) << xml;
  EXPECT_TRUE(contains(xml, "<error message=\"interrupted: 2 of 3 cases\">a &lt;note&gt;\n"));
  EXPECT_TRUE(contains(xml, "<skipped message=\"not run: interrupted\"/>"));
  const std::string html = render("html", {report});
  EXPECT_TRUE(contains(html, "<p class=\"FAILED\">peer: interrupted: 2 of 3 cases</p>"));
  EXPECT_TRUE(contains(html, "<p>a &lt;note&gt;</p>"));
  for (const std::string_view format : {"text", "json", "junit", "html"}) {
    EXPECT_FALSE(contains(render(format, {sample()}), "interrupted")) << format;
  }
}

TEST(CheckReport, ANoteIsShownWhateverTheVerdict) {
  Report report = sample();
  for (Reported& one : report.cases) one.result.note = "just over";
  EXPECT_TRUE(contains(render("text", {report}), "    note      just over\n"));
  const std::string json = render("json", {report});
  EXPECT_TRUE(contains(json.substr(0, json.find("7.9.1")), "\"note\": \"just over\""));
}

TEST(CheckReport, TheListNamesSectionAndTitle) {
  const std::string list = list_cases({&framing});
  EXPECT_TRUE(contains(list, "1.1.1"));
  EXPECT_TRUE(contains(list, "RFC 6455 5"));
  EXPECT_TRUE(contains(list, "a text"));
}

}  // namespace
}  // namespace duplex::tools::suite

// The table of cases: complete, unambiguous, and with the bytes of the data files.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "../../tools/duplex/check/cases.h"
#include "../../tools/duplex/check/opening.h"
#include "../support/rows.h"
#include "check_peer.h"

namespace duplex::tools::suite {
namespace {

std::map<std::string, std::size_t> family_sizes(const Cases& cases) {
  std::map<std::string, std::size_t> sizes;
  for (const Case& item : cases) ++sizes[item.family];
  return sizes;
}

TEST(CheckCases, HasAsManyAsAutobahn) {
  auto sizes = family_sizes(every_case());
  EXPECT_EQ(sizes["1 framing"], 16U);
  EXPECT_EQ(sizes["2 pings and pongs"], 11U);
  EXPECT_EQ(sizes["3 reserved bits"], 7U);
  EXPECT_EQ(sizes["4 opcodes"], 10U);
  EXPECT_EQ(sizes["5 fragmentation"], 20U);
  EXPECT_EQ(sizes["6 UTF-8"], 145U);
  EXPECT_EQ(sizes["7 close handling"], 37U);
  EXPECT_EQ(sizes["9 limits"], 54U);
  EXPECT_EQ(sizes["10 automatic fragments"], 1U);
  EXPECT_EQ(sizes["12 compression"], 90U);
  EXPECT_EQ(sizes["13 compression parameters"], 126U);
}

TEST(CheckCases, HasMoreThanAutobahn) {
  auto sizes = family_sizes(every_case());
  for (const char* const family : {"F frames", "D deflate", "S splits", "T floods and slowness",
                                   "W openings", "H HTTP", "K answers"}) {
    EXPECT_GE(sizes[family], 8U) << family;
  }
}

TEST(CheckCases, EveryOneHasItsOwnNumberAndASection) {
  std::set<std::string> ids;
  for (const Case& item : all_cases(1048576)) {
    EXPECT_TRUE(ids.insert(item.id).second) << item.id;
    EXPECT_FALSE(item.title.empty()) << item.id;
    EXPECT_TRUE(item.section.starts_with("RFC ")) << item.id;
  }
}

TEST(CheckCases, LightOnesCanBeWrittenForTheirEnds) {
  for (const Case& item : every_case()) {
    if (item.load != Load::light) continue;
    for (const Role role : {Role::client, Role::server}) {
      if (!is_for(item, role)) continue;
      Script script(role);
      item.write(script);
      EXPECT_FALSE(script.outcomes().empty()) << item.id;
    }
  }
}

TEST(CheckCases, TheEdgeOfALimitIsAddedWhenItIsKnown) {
  EXPECT_EQ(all_cases(1048576).size(), every_case().size() + 4);
}

TEST(CheckCases, PatternsAreThoseOfAShell) {
  EXPECT_TRUE(matches("*", "7.9.1"));
  EXPECT_TRUE(matches("7.*", "7.9.1"));
  EXPECT_TRUE(matches("7.?.1", "7.9.1"));
  EXPECT_TRUE(matches("7.9.1", "7.9.1"));
  EXPECT_TRUE(matches("[67].*", "7.9.1"));
  EXPECT_FALSE(matches("7.9.1", "7.9.10"));
  EXPECT_FALSE(matches("7.?", "7.9.1"));
  EXPECT_FALSE(matches("", "7.9.1"));
}

// --- The same bytes as in tests/data -------------------------------------------------------------

std::string sent_bytes(const Case& item) {
  Script script(Role::client);
  item.write(script);
  std::string bytes;
  for (const Step& step : script.steps()) bytes += step.bytes;
  return bytes;
}

TEST(CheckCases, FramesAreThoseOfTheTable) {
  const std::set<std::string> same = {
      "F02",      "F10",      "F11",      "F12", "F13", "F14", "F15", "F16", "F17",
      "F22",      "F23",      "F33",      "F42", "F53", "F56", "F57", "F59", "F60",
      "F72.1012", "F72.1014", "F73.1999", "F77", "F78", "F79", "F82", "F83", "F84",
      "F85",      "F93",      "F94",      "F95", "F96", "F97", "F40", "F41", "F61"};
  std::size_t compared = 0;
  for (const support::Json& row : support::load_rows("frames.json").array) {
    if (same.count(row["id"].string) == 0) continue;
    std::string bytes;
    for (const support::Json& step : row["steps"].array) bytes += support::bytes_of(step["send"]);
    EXPECT_EQ(sent_bytes(case_named(row["id"].string)), bytes) << row["id"].string;
    ++compared;
  }
  EXPECT_EQ(compared, same.size());
}

TEST(CheckCases, OpeningsAreThoseOfTheTable) {
  const std::set<std::string> different = {"W32", "W34", "W36", "W38", "W53", "W57", "W64"};
  std::size_t compared = 0;
  for (const support::Json& row : support::load_rows("http_requests.json").array) {
    const std::string& id = row["id"].string;
    const auto item = std::find_if(every_case().begin(), every_case().end(),
                                   [&id](const Case& one) { return one.id == id; });
    if (!id.starts_with("W") || item == every_case().end() || different.count(id) != 0) continue;
    Script script(Role::client);
    item->write(script);
    EXPECT_EQ(write_request(script.opening(), {.host = "a", .path = "/ws"}),
              support::bytes_of(row["bytes"]))
        << id;
    ++compared;
  }
  EXPECT_GE(compared, 45U);
}

}  // namespace
}  // namespace duplex::tools::suite

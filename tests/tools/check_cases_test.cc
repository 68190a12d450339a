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
  for (const char* const family : {"F frames", "D deflate", "C cuts", "B bulk and slowness",
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
  EXPECT_EQ(all_cases(1048576).size(), every_case().size() + 7);
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

const Case* find_case(const Cases& cases, const std::string& id) {
  const auto found =
      std::find_if(cases.begin(), cases.end(), [&id](const Case& item) { return item.id == id; });
  return found == cases.end() ? nullptr : &*found;
}

TEST(CheckCases, FramesAreThoseOfTheTable) {
  // Bombs, which fit any limit and any window.
  const std::set<std::string> different = {"F120", "F121", "F122", "F123", "F126"};
  const Cases cases = all_cases(1048576);
  std::size_t compared = 0;
  for (const support::Json& row : support::load_rows("frames.json").array) {
    const std::string& id = row["id"].string;
    const Case* const item = find_case(cases, id);
    if (item == nullptr || different.contains(id)) continue;
    std::string bytes;
    for (const support::Json& step : row["steps"].array) bytes += support::bytes_of(step["send"]);
    EXPECT_EQ(sent_bytes(*item), bytes) << id;
    ++compared;
  }
  EXPECT_GE(compared, 70U);
}

TEST(CheckCases, CompressedMessagesAreThoseOfTheTable) {
  std::size_t compared = 0;
  for (const support::Json& row : support::load_rows("deflate.json").array) {
    const Case* const item = find_case(every_case(), row["id"].string);
    if (item == nullptr) continue;
    Frame frame = binary_frame(support::bytes_of(row["bytes"]));
    frame.rsv = 4;
    EXPECT_TRUE(sent_bytes(*item) == encode(frame, Role::client)) << item->id;
    ++compared;
  }
  EXPECT_GE(compared, 20U);
}

// What stands behind a status means nothing.
std::string without_reasons(std::string text) {
  for (const char* const reason : {"Switching Protocols", "Early Hints", "Unauthorized", "Found"}) {
    text = replaced(std::move(text), reason, reason == std::string("Early Hints") ? "E" : "X");
  }
  return text;
}

TEST(CheckCases, AnswersAreThoseOfTheTable) {
  std::size_t compared = 0;
  for (const support::Json& row : support::load_rows("client_openings.json").array) {
    const Case* const item = find_case(every_case(), row["id"].string);
    if (item == nullptr) continue;
    Script script(Role::server);
    item->write(script);
    EXPECT_EQ(without_reasons(replaced(script.opening().response, "{accept}", "{A}")),
              without_reasons(support::bytes_of(row["response_head"])))
        << item->id;
    ++compared;
  }
  EXPECT_GE(compared, 28U);
}

// Whatever goes over the wire, and in which pieces.
std::string script_of(const Case& item, Role role) {
  Script script(role);
  item.write(script);
  const Opening& opening = script.opening();
  std::string text = opening.request + opening.response + opening.offer + "\n" +
                     std::to_string(opening.piece) + " " + std::to_string(opening.pace.count()) +
                     (opening.glued ? " glued" : "");
  for (const Step& step : script.steps()) {
    const auto kind = static_cast<int>(step.kind);
    text += "\n" + std::to_string(kind) + " " + std::to_string(step.piece) + " " + step.bytes +
            step.item.payload;
  }
  return text;
}

// Whether Autobahn has it: its testsuite sends some twice, 1.1.1 and 6.1.1 for example.
bool is_numbered(const std::string& id) { return id.front() <= '9'; }

TEST(CheckCases, NoTwoSendTheSame) {
  for (const Role role : {Role::client, Role::server}) {
    std::map<std::size_t, std::string> ids;
    for (const Case& item : every_case()) {
      if (!is_for(item, role) || (is_numbered(item.id) && item.load != Load::light)) continue;
      const std::size_t key = std::hash<std::string>()(script_of(item, role));
      const auto [found, is_new] = ids.emplace(key, item.id);
      EXPECT_TRUE(is_new || (is_numbered(item.id) && is_numbered(found->second)))
          << item.id << " and " << found->second;
    }
  }
}

TEST(CheckCases, OpeningsAreThoseOfTheTable) {
  const std::set<std::string> different = {"W32", "W34", "W35", "W36", "W38", "W53", "W57", "W64"};
  std::size_t compared = 0;
  for (const support::Json& row : support::load_rows("http_requests.json").array) {
    const std::string& id = row["id"].string;
    const auto item = std::find_if(every_case().begin(), every_case().end(),
                                   [&id](const Case& one) { return one.id == id; });
    if (!id.starts_with("W") || item == every_case().end() || different.count(id) != 0) continue;
    Script script(Role::client);
    item->write(script);
    std::string bytes = write_request(script.opening(), {.host = "a", .path = "/ws"});
    if (script.opening().glued) bytes += script.steps().front().bytes;
    EXPECT_EQ(bytes, support::bytes_of(row["bytes"])) << id;
    ++compared;
  }
  EXPECT_GE(compared, 50U);
}

}  // namespace
}  // namespace duplex::tools::suite

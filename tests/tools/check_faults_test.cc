// The suite finds nothing wrong with a server that is right, and finds every seeded fault.
#include "check_faults.h"

#include <gtest/gtest.h>

#include <set>

#include "check_peer.h"

namespace duplex::tools::suite {
namespace {

bool is_for_memory(const Case& item) {
  return is_for(item, Role::client) && item.load == Load::light;
}

TEST(CheckFaults, ARightServerPassesEveryCase) {
  std::size_t passed = 0;
  for (const Case& item : every_case()) {
    if (!is_for_memory(item)) continue;
    const CaseResult result = run_against(item, {});
    if (result.verdict() == Verdict::unimplemented) continue;
    EXPECT_EQ(name_of(result.verdict()), "OK")
        << item.id << " " << result.problem << "; got " << result.got;
    ++passed;
  }
  EXPECT_GT(passed, 450U);
}

TEST(CheckFaults, EachIsCaughtByItsCase) {
  std::set<std::string> names;
  for (const Fault& fault : all_faults()) {
    EXPECT_TRUE(names.insert(fault.name).second) << fault.name;
    const CaseResult result = run_against(case_named(fault.caught_by), fault);
    EXPECT_GE(result.verdict(), Verdict::non_strict) << fault.name;
    EXPECT_FALSE(result.problem.empty()) << fault.name;
    EXPECT_FALSE(result.expected.empty()) << fault.name;
    EXPECT_FALSE(result.got.empty()) << fault.name;
  }
  EXPECT_GE(names.size(), 25U);
}

// Not only that 125 bytes are not those 125 bytes.
TEST(CheckFaults, TheFirstWrongByteIsNamed) {
  const auto change_last = [](WireFrame& frame) {
    if (is_message(frame)) frame.payload.back() = '!';
  };
  EXPECT_EQ(run_against(case_named("1.1.2"), outgoing("", "", change_last)).problem,
            "something else came back: item 1 differs after 124 bytes: 21 instead of 43");
  const auto cut = [](WireFrame& frame) {
    if (is_message(frame)) frame.payload.resize(2);
  };
  EXPECT_EQ(run_against(case_named("2.2"), outgoing("", "", cut)).verdict(), Verdict::ok);
  EXPECT_EQ(run_against(case_named("5.3"), outgoing("", "", cut)).problem,
            "something else came back: item 1 differs after 2 bytes: the end instead of "
            "61 67 6d 65 6e 74 31 66");
}

// However much comes, here before the echo and before the Close, all of it is counted.
TEST(CheckFaults, AFloodIsCounted) {
  Fault flood;
  flood.outgoing = [](WireFrames& frames) {
    const WireFrame pong = {.first_byte = 0x8A, .payload = std::string(125, 'x')};
    frames.insert(frames.begin(), 50'000, pong);
  };
  const CaseResult result = run_against(case_named("1.1.1"), flood);
  EXPECT_EQ(name_of(result.verdict()), "FAILED");
  EXPECT_NE(result.got.find("pong of 125 bytes"), std::string::npos) << result.got;
  EXPECT_NE(result.got.find("99997 more"), std::string::npos) << result.got;
}

// A fault is no more than it says: the suite does not find everything wrong with everybody.
TEST(CheckFaults, OtherFamiliesStillPass) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"swallows pongs", "1.1.2"},
      {"accepts frames without a mask", "3.1"},
      {"sends 1005", "7.3.3"},
      {"accepts version 8", "W20"},
      {"unfolds lines", "H59"},
      {"does not end TCP", "F23"},
      {"refuses noncharacters", "6.22.3"}};
  for (const auto& [name, id] : pairs) {
    for (const Fault& fault : all_faults()) {
      if (fault.name != name) continue;
      EXPECT_EQ(run_against(case_named(id), fault).verdict(), Verdict::ok) << name << " " << id;
    }
  }
}

}  // namespace
}  // namespace duplex::tools::suite

// The suite finds nothing wrong with a server that is right, and finds every seeded fault.
#include "check_faults.h"

#include <gtest/gtest.h>

#include <set>

#include "check_client_faults.h"
#include "check_peer.h"

namespace duplex::tools::suite {
namespace {

using RunAgainst = CaseResult (*)(const Case& item, const Fault& fault);

// How many light cases that role passes against a peer without a fault.
std::size_t count_passed(Role role, RunAgainst run, const Fault& none = {}) {
  std::size_t passed = 0;
  for (const Case& item : every_case()) {
    if (!is_for(item, role) || item.load != Load::light) continue;
    const CaseResult result = run(item, none);
    EXPECT_EQ(name_of(result.verdict()), "OK")
        << item.id << " " << result.problem << "; got " << result.got;
    ++passed;
  }
  return passed;
}

TEST(CheckFaults, ARightServerPassesEveryCase) {
  EXPECT_GT(count_passed(Role::client, run_against), 700U);
}

TEST(CheckFaults, ARightClientPassesEveryCase) {
  EXPECT_GT(count_passed(Role::server, run_client_against, {.deflate = any_context}), 600U);
}

// Returns the letters of the cases, or their first numbers.
std::set<std::string> expect_all_caught(const std::vector<Fault>& faults, RunAgainst run) {
  std::set<std::string> names;
  std::set<std::string> families;
  for (const Fault& fault : faults) {
    EXPECT_TRUE(names.insert(fault.name).second) << fault.name;
    const Case& item = case_named(fault.caught_by);
    families.insert(item.family.substr(0, item.family.find(' ')));
    const CaseResult result = run(item, fault);
    EXPECT_GE(result.verdict(), Verdict::non_strict) << fault.name;
    EXPECT_FALSE(result.problem.empty()) << fault.name;
    EXPECT_FALSE(result.expected.empty()) << fault.name;
    EXPECT_FALSE(result.got.empty()) << fault.name;
    EXPECT_EQ(run(item, {}).verdict(), Verdict::ok) << fault.name << ": not by the fault";
  }
  return families;
}

// A right server refuses, so that only a fault shows that these cases can fail.
TEST(CheckFaults, WhoeverOpensWhenItMayNotIsCaught) {
  const std::string usual = "GET / HTTP/1.1\r\nHost: a\r\n" + opening_fields() + "\r\n";
  const Fault opens = {.request = [&](std::string& bytes) { bytes = usual; }};
  std::size_t caught = 0;
  for (const Case& item : every_case()) {
    if (!is_for(item, Role::client) || item.load == Load::flood) continue;
    Script script(Role::client);
    item.write(script);
    const Opening& opening = script.opening();
    if (opening.wanted == Opening::Wanted::open || opening.if_accepted == Verdict::ok) continue;
    EXPECT_NE(name_of(run_against(item, opens).verdict()), "OK") << item.id;
    ++caught;
  }
  EXPECT_GT(caught, 180U);
}

TEST(CheckFaults, ASlowCasePassesWhenThePeerGivesUp) {
  EXPECT_EQ(run_against(case_named("H172"), {}).verdict(), Verdict::ok);
  EXPECT_EQ(run_client_against(case_named("K24"), {}).verdict(), Verdict::ok);
  const Fault patient = {.head_time = std::chrono::minutes(1)};
  EXPECT_EQ(run_against(case_named("H172"), patient).verdict(), Verdict::informational);
  EXPECT_EQ(run_client_against(case_named("K24"), patient).verdict(), Verdict::informational);
}

// A body of ten bytes, "0123456789", and an opening behind it.
TEST(CheckFaults, TheRequestBehindABodyMayBeAnsweredOrNot) {
  const auto answers = [](const std::string& behind) {
    const Fault fault = {.response = [=](std::string& text) { text += behind; }};
    return name_of(run_against(case_named("H97"), fault).verdict());
  };
  EXPECT_EQ(answers(""), "OK");
  EXPECT_EQ(answers("HTTP/1.1 101 Switching Protocols\r\n\r\n"), "OK");
  EXPECT_EQ(answers("HTTP/1.1 400 Bad Request\r\n\r\n"), "FAILED");
  EXPECT_EQ(answers("HTTP/1.1 200 OK\r\n\r\n"), "FAILED");
}

TEST(CheckFaults, EachAtTheEdgeOfALimitIsCaughtByItsCase) {
  constexpr std::size_t limit = 65536;
  const Cases cases = all_cases(limit);
  const auto find = [&cases](const std::string& id) -> const Case& {
    return *std::find_if(cases.begin(), cases.end(),
                         [&id](const Case& item) { return item.id == id; });
  };
  for (const Fault& fault : edge_faults(limit)) {
    const Case& item = find(fault.caught_by);
    EXPECT_EQ(run_against(item, {.limit = limit}).verdict(), Verdict::ok) << item.id;
    EXPECT_EQ(run_against(item, fault).verdict(), Verdict::failed) << fault.name;
  }
}

TEST(CheckFaults, EachIsCaughtByItsCase) {
  const std::set<std::string> families = expect_all_caught(all_faults(), run_against);
  for (const std::string family :
       {"1", "2", "3", "4", "5", "6", "7", "9", "12", "13", "F", "D", "C", "B", "W", "H"}) {
    EXPECT_TRUE(families.contains(family)) << family;
  }
  EXPECT_GE(all_faults().size(), 25U);
}

TEST(CheckFaults, EachOfAClientIsCaughtByItsCase) {
  EXPECT_TRUE(expect_all_caught(client_faults(), run_client_against).contains("K"));
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

TEST(CheckFaults, WithoutACloseFrameTheCloseIsNotRight) {
  Fault silent;
  silent.outgoing = [](WireFrames& frames) { frames.clear(); };
  silent.leaves_tcp_open = true;
  const CaseResult result = run_against(case_named("1.1.1"), silent);
  EXPECT_EQ(result.problem, "time ran out");
  EXPECT_EQ(result.behavior_close, "FAILED");
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

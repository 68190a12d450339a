// A peer that refuses what is above its limit, and the sizes by which that is known.
#include <gtest/gtest.h>

#include "../../tools/duplex/check/sent_size.h"
#include "check_client_faults.h"
#include "check_peer.h"

namespace duplex::tools::suite {
namespace {

std::uint64_t size_in(const std::function<void(Script&)>& write) {
  Script script(Role::client);
  write(script);
  return largest_message(script);
}

TEST(CheckLimit, AMessageIsAsLargeAsItsFramesSay) {
  EXPECT_EQ(size_in([](Script&) {}), 0U);
  EXPECT_EQ(size_in([](Script& s) { s.send(text_frame("Hello")); }), 5U);
  EXPECT_EQ(size_in([](Script& s) { s.send(ping_frame("Hello")).send(close_frame(1000)); }), 0U);
  EXPECT_EQ(size_in([](Script& s) {
              s.send(part(opcode::text, "Hel", false)).send(ping_frame("between"));
              s.send(part(opcode::continuation, "lo", true)).send(text_frame("four"));
            }),
            5U);
  EXPECT_EQ(size_in([](Script& s) { s.send(binary_frame(std::string(70000, 'x'))); }), 70000U);
}

TEST(CheckLimit, WhatIsAnnouncedCountsAndWhatIsCompressed) {
  EXPECT_EQ(size_in([](Script& s) {
              Frame frame = binary_frame("");
              frame.length = std::uint64_t{1} << 63;
              s.send(frame);
            }),
            std::uint64_t{1} << 63);
  EXPECT_EQ(size_in([](Script& s) {
              s.message({Item::Kind::binary, std::string(5000, 'x')});
            }),
            5000U);
  EXPECT_EQ(size_in([](Script& s) {
              s.send("\x82\x80").expect(Item::Kind::binary, std::string(6000, 'x'));
            }),
            6000U);
}

TEST(CheckLimit, FramesMayBeCutAnywhere) {
  const std::string bytes = encode(binary_frame(std::string(300, 'x')), Role::client);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    EXPECT_EQ(size_in([&](Script& s) { s.send(bytes.substr(0, cut)).send(bytes.substr(cut)); }),
              300U)
        << cut;
  }
}

std::size_t expect_none_failed(std::size_t limit, Role role) {
  std::size_t informational = 0;
  for (const Case& item : all_cases(limit)) {
    if (!is_for(item, role) || item.load != Load::light) continue;
    const Fault peer = {.deflate = role == Role::server ? any_context : websocket::DeflateOptions(),
                        .limit = limit};
    const CaseResult result = role == Role::client
                                  ? MemoryLink<BrokenServer>(item, peer, role, limit).finish()
                                  : MemoryLink<BrokenClient>(item, peer, role, limit).finish();
    EXPECT_LE(result.verdict(), Verdict::informational)
        << limit << ": " << item.id << " " << result.problem << "; got " << result.got;
    if (result.verdict() == Verdict::informational) ++informational;
  }
  return informational;
}

TEST(CheckLimit, RefusingWhatIsAboveAKnownLimitIsNoFailure) {
  for (const std::size_t limit : {1000U, 65535U}) {
    EXPECT_GT(expect_none_failed(limit, Role::client), 20U) << limit;
    EXPECT_GT(expect_none_failed(limit, Role::server), 20U) << limit;
  }
}

// Whoever says 1009 to what is within the limit is wrong.
TEST(CheckLimit, RefusingWhatIsWithinAKnownLimitIsAFailure) {
  const Fault peer = {.limit = 100};
  const auto verdict = [&](const std::string& id) {
    return MemoryLink<BrokenServer>(case_named(id), peer, Role::client, 1000).finish().verdict();
  };
  EXPECT_EQ(verdict("1.1.2"), Verdict::failed) << "125 bytes";
  EXPECT_EQ(verdict("1.1.6"), Verdict::informational) << "65,535 bytes";
  EXPECT_EQ(run_against(case_named("1.1.6"), peer).verdict(), Verdict::failed) << "unknown limit";
}

TEST(CheckLimit, WithoutAKnownOneLargeMessagesMayBeRefused) {
  for (const std::string id : {"7.1.6", "9.1.1", "12.1.10", "13.3.18"}) {
    EXPECT_EQ(run_against(case_named(id), {.limit = 16384}).verdict(), Verdict::informational)
        << id;
  }
  EXPECT_EQ(run_against(case_named("12.1.1"), {.limit = 10}).verdict(), Verdict::failed);
}

}  // namespace
}  // namespace duplex::tools::suite

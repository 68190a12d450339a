// One case against peers that are no WebSocket servers at all.
#include <gtest/gtest.h>

#include "../../tools/duplex/check/opening.h"
#include "../support/allocations.h"
#include "check_peer.h"

namespace duplex::tools::suite {
namespace {

struct Peer {
  std::string says = {};  // in answer to whatever it gets
  std::size_t times = 1;
  bool ends = false;  // and then ends TCP
};

// Runs the case in virtual time, and tells how much of it the peer could say.
CaseResult run_with(const std::string& id, const Peer& peer, std::size_t& said) {
  Clock::time_point now{std::chrono::hours(1)};
  CaseRun run(case_named(id), {.place = {.host = "a", .path = "/"}}, now);
  said = 0;
  while (true) {
    switch (run.next(now)) {
      case CaseRun::Next::write:
        run.written(run.output().size(), now);
        break;
      case CaseRun::Next::half_close:
        run.half_closed(now);
        break;
      case CaseRun::Next::wait:
        if (said == peer.times && !peer.ends) {
          now = run.deadline(now);
        } else if (said == peer.times) {
          run.peer_ended(now);
        } else {
          ++said;
          run.received(peer.says, now);
        }
        break;
      case CaseRun::Next::reset:
      case CaseRun::Next::finish:
        return run.result(now);
    }
  }
}

CaseResult run_with(const std::string& id, const Peer& peer) {
  std::size_t said = 0;
  return run_with(id, peer, said);
}

TEST(CheckRun, WhatIsNotHttpFailsAtOnce) {
  for (const std::string id : {"1.1.1", "F10", "W28", "H68"}) {
    std::size_t said = 0;
    const CaseResult result = run_with(id, {.says = "SSH-2.0-a\r\n\r\n", .times = 1000}, said);
    EXPECT_EQ(name_of(result.verdict()), "FAILED") << id;
    EXPECT_EQ(result.problem, not_http) << id;
    EXPECT_EQ(said, 1U) << id;
  }
}

// Not even when the end of the connection is what the case is about.
TEST(CheckRun, WithoutAnOpeningNothingIsRight) {
  for (const Case& item : every_case()) {
    Script script(Role::client);
    if (!is_for(item, Role::client) || item.load != Load::light) continue;
    item.write(script);
    if (script.opening().wanted != Opening::Wanted::open) continue;
    const CaseResult closed = run_with(item.id, {.times = 0, .ends = true});
    EXPECT_EQ(name_of(closed.verdict()), name_of(script.opening().if_refused)) << item.id;
    EXPECT_EQ(closed.problem, "ended TCP before the opening was over") << item.id;
    EXPECT_FALSE(closed.opened);
    const CaseResult silent = run_with(item.id, {.times = 0});
    EXPECT_EQ(silent.problem, "did not answer the opening in time") << item.id;
    EXPECT_EQ(silent.behavior_close, "FAILED") << item.id;
  }
}

TEST(CheckRun, AHeadWithoutAnEndFailsWithinBounds) {
  const std::string field = "X: " + std::string(1000, 'x') + "\r\n";
  std::size_t said = 0;
  const CaseResult result =
      run_with("1.1.1", {.says = "HTTP/1.1 101 Switching\r\n" + field, .times = 1000}, said);
  EXPECT_EQ(result.problem, "sent a head of more than 64 KiB");
  EXPECT_LT(said, 100U);
}

TEST(CheckRun, WhatThePeerWroteIsShownAsText) {
  const std::string says = "HTTP/1.1 200 \xff\x1b[31m\r\nContent-Length: 0\r\n\r\n";
  for (const std::string id : {"1.1.1", "W28"}) {
    const CaseResult result = run_with(id, {.says = says});
    EXPECT_TRUE(result.got.starts_with("HTTP/1.1 200 \\xff\\x1b[31m")) << result.got;
    EXPECT_EQ(result.problem.find('\xff'), std::string::npos) << result.problem;
  }
}

TEST(CheckRun, AnAnswerWithoutAnEndIsJudgedByItsFront) {
  const std::string answer = "HTTP/1.1 400 No\r\nContent-Length: 9999999999\r\n\r\n";
  std::size_t said = 0;
  const CaseResult result =
      run_with("W28", {.says = answer + std::string(65536, 'x'), .times = 1000}, said);
  EXPECT_EQ(name_of(result.verdict()), "OK");
  EXPECT_LT(said, 20U);
}

std::string repeated(std::string_view text, std::size_t size) {
  std::string whole;
  while (whole.size() < size) whole += text;
  return whole;
}

// A peer that opens, sends `front`, and then `flood` again and again, and reads nothing. Returns
// the memory that it cost, in bytes.
std::size_t cost_of(const std::string& front, const std::string& flood, std::size_t size) {
  const Clock::time_point now{std::chrono::hours(1)};
  const std::string answer =
      "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
      accept_for(usual_key) + "\r\n\r\n";
  const std::string block = repeated(flood, 65536);
  const support::PeakAllocation peak;
  CaseRun run(case_named("1.1.1"), {.place = {.host = "a", .path = "/"}}, now);
  run.written(run.output().size(), now);
  run.received(answer + front, now);
  for (std::size_t sent = 0; sent < size; sent += block.size()) {
    run.next(now);
    run.received(block, now);
  }
  EXPECT_TRUE(run.result(now).opened);
  return peak.size();
}

TEST(CheckRun, AFloodCostsBoundedMemory) {
  constexpr std::size_t mib = std::size_t{1} << 20;
  constexpr std::size_t allowed = 8 * mib;
  // Two bytes each, which would be at least 32 in memory.
  EXPECT_LT(cost_of("", from_hex("8a00"), mib), allowed) << "pongs";
  EXPECT_LT(cost_of("", from_hex("8900"), mib), allowed) << "pings";
  EXPECT_LT(cost_of("", from_hex("8100"), mib), allowed) << "messages";
  const std::string piece =
      encode(part(opcode::continuation, std::string(125, 'x'), false), Role::server);
  EXPECT_LT(cost_of(from_hex("0100"), piece, 32 * mib), allowed) << "parts";
  EXPECT_LT(cost_of(from_hex("827f0000000010000000"), "x", 32 * mib), allowed) << "a large frame";
}

}  // namespace
}  // namespace duplex::tools::suite

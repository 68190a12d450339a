// What idle connections cost: reading /proc, and holding some.
#include "../../tools/duplex/bench/idle_cost.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "../../tools/duplex/bench/memory_use.h"

namespace duplex::tools {
namespace {

TEST(MemoryUse, ReadsWhatProcSays) {
  constexpr std::string_view rollup =
      "5581-7ffd ---p 00000000 00:00 0    [rollup]\nRss:     4096 kB\nPss:     1234 kB\n"
      "Pss_Dirty:  7 kB\nSwapPss:  9 kB\n";
  EXPECT_EQ(kilobytes_of(rollup, "Pss:"), 1234.0 * 1024);
  EXPECT_EQ(kilobytes_of(rollup, "Slab:"), std::nullopt);
  EXPECT_EQ(kilobytes_of("Slab: much", "Slab:"), std::nullopt);
  EXPECT_EQ(tcp_pages_of("sockets: used 9\nTCP: inuse 5 orphan 0 tw 0 alloc 7 mem 23\n"
                         "UDP: inuse 1 mem 2\n"),
            23.0);
  EXPECT_EQ(tcp_pages_of("UDP: inuse 1 mem 2\n"), std::nullopt);
  EXPECT_EQ(sleeps_of("nonvoluntary_ctxt_switches:\t7\nvoluntary_ctxt_switches:\t41\n"), 41.0);
  EXPECT_EQ(sleeps_of("nonvoluntary_ctxt_switches:\t7\n"), std::nullopt);
}

TEST(MemoryUse, KnowsThisProcess) {
  const MemoryUse use = memory_use(getpid());
  EXPECT_GT(use.user, 100'000);
  EXPECT_GT(use.kernel, 100'000);
  const double before = wake_ups_of(getpid());
  for (int i = 0; i < 20; ++i) usleep(1000);
  EXPECT_GE(wake_ups_of(getpid()), before + 20);
  EXPECT_EQ(memory_use(-1).user, 0);
  EXPECT_EQ(wake_ups_of(-1), 0);
}

TEST(IdleCost, IsATable) {
  const std::vector<IdleCost> costs = {{.transport = "websocket",
                                        .connections = 1000,
                                        .seconds = 10,
                                        .user_memory = 512,
                                        .kernel_memory = 4096,
                                        .wake_ups_per_second = 0.5,
                                        .cpu_share = 0.001,
                                        .wire_bytes_per_second = 2000}};
  EXPECT_EQ(idle_table(costs).csv(),
            "idle,connections,user memory/conn,kernel memory/conn,wake-ups/s,server CPU,"
            "wire bytes/s/conn\r\nwebsocket,1000,512 B,4 KiB,0.500,0.100 %,2.00\r\n");
  EXPECT_TRUE(idle_note(costs).starts_with("idle: no event for 10.0 s; user memory is"));
  EXPECT_EQ(idle_note({}), "");
}

// As a file may say.
TEST(IdleCost, OfNoConnectionsIsNoFigureForEach) {
  const std::vector<IdleCost> costs = {{.transport = "websocket", .connections = 0, .seconds = 10}};
  EXPECT_TRUE(idle_table(costs).csv().ends_with("\r\nwebsocket,0,0 B,0 B,0,0 %,–\r\n"))
      << idle_table(costs).csv();
}

}  // namespace
}  // namespace duplex::tools

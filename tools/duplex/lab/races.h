// The races of the lab page: a feed for each visitor, made when its first lane comes.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "duplex/duplex.h"
#include "lane_usage.h"
#include "race_options.h"

namespace duplex::tools::lab {

// More visitors at a time, on one thread, get 503. Each costs at most half a megabyte.
inline constexpr std::size_t max_races = 32;

// Owner: one thread of `duplex serve`. Thread: that of `loop`. Outlived by `loop` and `server`.
class Races {
 public:
  Races(EventLoop& loop, Server& server) : loop_(loop), server_(server) {}
  ~Races() { loop_.cancel(sweep_timer_); }
  Races(const Races&) = delete;
  Races& operator=(const Races&) = delete;

  // Adds /lab/plan, and /lab/race/ws, sse, lp and sp.
  void add_routes();
  // Ends streams and parked polls.
  void stop();
  std::size_t count() const noexcept { return races_.size(); }
  // What its lanes have cost on this thread; nothing for a query that names no race of it.
  LaneUsages usages(const std::string& query);

 private:
  struct Race {
    Race(EventLoop& loop, Server& server, const RaceOptions& options)
        : feed(loop, server, options.feed()), start(options.start) {
      for (auto& lane : usage) lane = std::make_shared<LaneUsage>();
    }
    Feed feed;
    std::array<std::shared_ptr<LaneUsage>, lane_names.size()> usage;
    std::chrono::nanoseconds start;
    net::Clock::time_point last_used = {};
  };
  // A race, or the status and the sentence that refuse it.
  struct Entry {
    Race* race = nullptr;
    int status = 200;
    std::string problem = {};
  };

  using Lane = void (Feed::*)(Exchange&);
  void add_lane(LaneName name, Lane lane);
  void note(Race& race, LaneName lane, ExchangeId exchange, const std::optional<net::TcpInfo>& tcp);
  void refresh(const LaneUsage* lane);
  void answer_plan(Exchange& exchange);
  Entry enter(std::string_view query);
  void arm_sweep();
  void sweep();
  bool is_over(Race& race) const;

  EventLoop& loop_;
  Server& server_;
  std::map<std::string, Race> races_;  // by their queries
  WireLedger ledger_;
  TimerId sweep_timer_ = TimerId::none;
};

}  // namespace duplex::tools::lab

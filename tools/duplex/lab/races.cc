// The races of the lab page.
#include "races.h"

#include <utility>
#include <vector>

#include "race_plan.h"

namespace duplex::tools::lab {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view text_plain = "text/plain; charset=utf-8";
constexpr http::Field no_store = {"Cache-Control", "no-store"};
// Longer than the longest poll interval: a lane that polls is not forgotten in between.
constexpr auto max_idle = 15s;
constexpr auto sweep_interval = 5s;

void refuse(Exchange& exchange, int status, std::string_view problem) {
  exchange.respond(status, text_plain, std::string(problem) + '\n', {no_store});
}

}  // namespace

void Races::add_routes() {
  server_.get("/lab/plan", [this](Exchange& exchange) { answer_plan(exchange); });
  // The status alone refuses an opening: a browser shows nobody more. /lab/plan says why.
  server_.websocket("/lab/race/ws",
                    {.on_open =
                         [this](Connection& peer, const http::Request& request) {
                           Race* const race = enter(request.query).race;
                           if (race == nullptr) return;
                           note(*race, LaneName::ws, {.connection = peer.id()}, peer.tcp_info());
                           race->feed.open_web_socket(peer, request);
                         },
                     .on_drain =
                         [this](Connection& peer) {
                           for (auto& [query, race] : races_) race.feed.drained(peer);
                         }},
                    {.authorize = [this](const http::Request& request) {
                      const Entry entry = enter(request.query);
                      return entry.race != nullptr ? 101 : entry.status;
                    }});
  add_lane(LaneName::sse, &Feed::open_stream);
  add_lane(LaneName::lp, &Feed::long_poll);
  add_lane(LaneName::sp, &Feed::short_poll);
}

void Races::add_lane(LaneName name, Lane lane) {
  const std::string path = "/lab/race/" + std::string(lane_names[static_cast<std::size_t>(name)]);
  server_.get(path, [this, name, lane](Exchange& exchange) {
    const Entry entry = enter(exchange.request().query);
    if (entry.race == nullptr) return refuse(exchange, entry.status, entry.problem);
    note(*entry.race, name, exchange.id(), exchange.tcp_info());
    (entry.race->feed.*lane)(exchange);
  });
}

void Races::note(Race& race, LaneName lane, ExchangeId exchange,
                 const std::optional<net::TcpInfo>& tcp) {
  if (tcp) ledger_.note(exchange, *tcp, race.usage[static_cast<std::size_t>(lane)]);
}

LaneUsages Races::usages(const std::string& query) {
  LaneUsages result = {};
  const auto options = parse_race(query);
  const auto found = options ? races_.find(options->query()) : races_.end();
  if (found == races_.end()) return result;
  for (std::size_t i = 0; i < result.size(); ++i) {
    refresh(found->second.usage[i].get());
    result[i] = *found->second.usage[i];
  }
  return result;
}

// What has happened since on the connections that the lane has now: a WebSocket, a stream, a long
// poll that waits. A short poll's is idle, and has told all but its last acknowledgement.
void Races::refresh(const LaneUsage* lane) {
  std::vector<std::pair<ConnectionId, net::TcpInfo>> readings;
  ledger_.for_each_of(lane, [&](const ExchangeId& id) {
    std::optional<net::TcpInfo> tcp;
    if (const Connection* const peer = server_.find(id.connection)) tcp = peer->tcp_info();
    if (const Exchange* const exchange = server_.find(id)) tcp = exchange->tcp_info();
    if (tcp) readings.emplace_back(id.connection, *tcp);
  });
  for (const auto& [connection, tcp] : readings) ledger_.refresh(connection, tcp);
}

void Races::answer_plan(Exchange& exchange) {
  auto race = parse_race(exchange.request().query);
  if (!race) return refuse(exchange, 400, race.error());
  race->start = loop_.kernel().now().time_since_epoch();
  exchange.respond(200, "application/json", plan_json(*race), {no_store});
}

Races::Entry Races::enter(std::string_view query) {
  const auto options = parse_race(query);
  if (!options) return {.status = 400, .problem = options.error()};
  const auto now = loop_.kernel().now();
  const std::string problem = start_problem(*options, now.time_since_epoch());
  if (!problem.empty()) return {.status = 410, .problem = problem};
  auto found = races_.find(options->query());
  if (found == races_.end()) {
    if (races_.size() >= max_races) {
      return {.status = 503,
              .problem = std::to_string(max_races) + " races are on already; try again soon"};
    }
    found = races_.try_emplace(options->query(), loop_, server_, *options).first;
    arm_sweep();
  }
  found->second.last_used = now;
  return {.race = &found->second};
}

void Races::stop() {
  for (auto& [query, race] : races_) race.feed.stop();
}

void Races::arm_sweep() {
  if (sweep_timer_ != TimerId::none || races_.empty()) return;
  sweep_timer_ = loop_.run_after(sweep_interval, [this] {
    sweep_timer_ = TimerId::none;
    sweep();
    arm_sweep();
  });
}

bool Races::is_over(Race& race) const {
  const auto age = loop_.now().time_since_epoch() - race.start;
  // Its listeners have been told for one sweep at least.
  if (age > RaceLimits::max_age + 2 * sweep_interval) return true;
  if (age > RaceLimits::max_age) race.feed.stop();
  return race.feed.listener_count() == 0 && loop_.now() - race.last_used > max_idle;
}

void Races::sweep() {
  for (auto race = races_.begin(); race != races_.end();) {
    race = is_over(race->second) ? races_.erase(race) : std::next(race);
  }
}

}  // namespace duplex::tools::lab

// What a race is told before it begins.
#include "race_plan.h"

#include <array>
#include <utility>

#include "measure/json_writer.h"

namespace duplex::tools::lab {
namespace {

using measure::Transport;

constexpr std::array<std::pair<std::string_view, Transport>, 4> lanes = {{
    {"ws", Transport::websocket},
    {"sse", Transport::sse},
    {"lp", Transport::long_poll},
    {"sp", Transport::short_poll},
}};

double milliseconds(measure::Seconds time) { return time.count() * 1000; }

void write_lane(measure::JsonWriter& json, Transport transport, const measure::Scenario& scenario) {
  const measure::Prediction predicted = predict(transport, scenario);
  json.begin_object();
  json.member("mean", milliseconds(predicted.latency.mean()));
  json.member("minimum", milliseconds(predicted.latency.minimum));
  json.member("longest_wait", milliseconds(predicted.latency.longest_wait));
  json.member("immediate_share", predicted.latency.immediate_share);
  json.member("age", milliseconds(predicted.mean_age));
  json.member("fresh_share", predicted.fresh_share);
  json.member("requests_per_event", predicted.requests_per_event);
  json.member("empty_share", predicted.empty_share);
  json.member("keeps_step", keeps_step(transport, scenario));
  json.end_object();
}

}  // namespace

std::string plan_json(const RaceOptions& race) {
  const measure::Scenario scenario = race.scenario();
  measure::JsonWriter json;
  json.begin_object();
  json.member("query", race.query());
  json.member("poll", race.poll);
  json.key("lanes").begin_object();
  for (const auto& [name, transport] : lanes) {
    write_lane(json.key(name), transport, scenario);
  }
  json.end_object();
  json.end_object();
  return json.text();
}

}  // namespace duplex::tools::lab

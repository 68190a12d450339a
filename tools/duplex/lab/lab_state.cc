// What the lab page asks once a second.
#include "lab_state.h"

#include <numeric>

#include "measure/json_writer.h"

namespace duplex::tools::lab {
namespace {

void write_server(measure::JsonWriter& json, const LabState& state) {
  const endpoint::ServerStats& stats = state.server.stats;
  const auto& calls = state.server.calls;
  json.begin_object();
  json.member("connections", stats.connections);
  json.member("websockets", stats.websockets);
  json.member("parked_polls", state.server.parked_polls);
  json.member("requests", stats.requests);
  json.member("messages_received", stats.messages_received);
  json.member("messages_sent", stats.messages_sent);
  json.member("bytes_received", stats.bytes_received);
  json.member("bytes_sent", stats.bytes_sent);
  json.member("syscalls", std::accumulate(calls.begin(), calls.end(), std::uint64_t{0}));
  json.member("cpu_seconds", state.cpu_seconds);
  json.member("resident_bytes", state.resident_size);
  json.end_object();
}

void write_lane(measure::JsonWriter& json, const LaneUsage& lane) {
  json.begin_object();
  json.member("requests", lane.requests);
  json.member("bytes_received", lane.bytes_received);
  json.member("bytes_sent", lane.bytes_sent);
  json.member("data_segments", lane.data_segments);
  json.member("bare_segments", lane.bare_segments);
  json.end_object();
}

}  // namespace

std::string state_json(const LabState& state) {
  measure::JsonWriter json;
  json.begin_object();
  json.member("now", state.now.count());
  write_server(json.key("server"), state);
  json.key("lanes").begin_object();
  for (std::size_t i = 0; i < lane_names.size(); ++i) {
    write_lane(json.key(lane_names[i]), state.lanes[i]);
  }
  json.end_object().end_object();
  return json.text();
}

}  // namespace duplex::tools::lab

// A story for programs.
#include "measure/json_writer.h"
#include "render.h"

namespace duplex::tools::trace {
namespace {

using measure::JsonWriter;

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(std::string_view(text));
  json.end_array();
}

void write_line(JsonWriter& json, const Line& line, const View& view) {
  json.begin_object();
  json.member("layer", line.layer);
  json.member("name", std::string_view(line.name));
  json.member("what", std::string_view(line.what));
  json.member("meaning", std::string_view(line.meaning));
  if (!line.states.empty()) json.member("states", std::string_view(line.states));
  write_texts(json, "details", line.details);
  if (view.explain) json.member("explanation", std::string_view(line.explanation));
  json.end_object();
}

void write_step(JsonWriter& json, const Step& step, const View& view) {
  json.begin_object();
  json.member("number", step.number);
  json.member("time", static_cast<double>(step.time.count()) * 1e-9);
  json.member("from", step.from == Side::client ? "client" : "server");
  json.member("size", step.size);
  json.key("lines").begin_array();
  for (const Line& line : step.lines) {
    if (view.layers.count(line.layer) != 0) write_line(json, line, view);
  }
  json.end_array().end_object();
}

}  // namespace

std::string render_json(const Story& story, const View& view) {
  JsonWriter json;
  json.begin_object();
  json.member("schema_version", 1);
  json.key("units").begin_object();
  json.member("time", "s since the first step").member("size", "bytes with all headers");
  json.end_object();
  json.member("client", std::string_view(story.client));
  json.member("server", std::string_view(story.server));
  json.member("captured", !story.packets.empty());
  json.key("steps").begin_array();
  for (const Step& step : story.steps) write_step(json, step, view);
  json.end_array();
  json.key("layers").begin_array();
  for (const LayerSummary& layer : story.layers) {
    json.begin_object();
    json.member("layer", layer.layer).member("name", std::string_view(layer.name));
    json.member("what", std::string_view(layer.what)).end_object();
  }
  json.end_array();
  write_texts(json, "totals", story.totals);
  write_texts(json, "remarks", story.remarks);
  json.end_object();
  return json.text();
}

}  // namespace duplex::tools::trace

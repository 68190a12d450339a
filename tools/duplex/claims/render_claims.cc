// The ledger of claims in each of the formats.
#include "../bench/fingerprint.h"
#include "claims.h"
#include "measure/json_writer.h"
#include "measure/table.h"

namespace duplex::tools {

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::is_true:
      return "TRUE";
    case Verdict::is_false:
      return "FALSE";
    case Verdict::inconclusive:
      return "INCONCLUSIVE";
    case Verdict::depends:
      break;
  }
  return "DEPENDS";
}

std::string_view name_of(Basis basis) { return basis == Basis::timed ? "timed" : "counted"; }

namespace {

std::string_view explained(Basis basis) {
  if (basis == Basis::counted) {
    return "counted: exact for this run, without an interval; where events come at random "
           "another run has other ones";
  }
  return "timed: medians over rounds with 95 % intervals, which a worst case has not";
}

measure::Table table_of(const std::vector<Claim>& claims) {
  measure::Table table({{.heading = "claim"},
                        {.heading = "verdict"},
                        {.heading = "measured"},
                        {.heading = "figures"},
                        {.heading = "true_when"}});
  for (const Claim& claim : claims) {
    table.add_row({claim.sentence, std::string(name_of(claim.verdict)), claim.measured,
                   std::string(name_of(claim.basis)), claim.holds});
  }
  return table;
}

// Words, broken into lines below `indent`.
std::string paragraph(std::string_view title, std::string_view text) {
  constexpr std::size_t columns = 96;
  std::string out = "  " + std::string(title);
  std::size_t column = out.size();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column + 1 + end > columns) {
      out += "\n            ";
      column = 12;
    }
    out.append(" ").append(text.substr(0, end));
    column += 1 + end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + "\n";
}

std::string render_text(const std::vector<Claim>& claims) {
  std::string text;
  for (const Claim& claim : claims) {
    text += "“" + claim.sentence + ".”\n";
    text += paragraph("verdict  ", name_of(claim.verdict));
    text += paragraph("measured ", claim.measured);
    text += paragraph("figures  ", explained(claim.basis));
    text += paragraph("true when", claim.holds) + "\n";
  }
  return text;
}

// Of the evidence: that of all of its steps.
std::uint64_t seed_of(const Evidence& evidence) { return evidence.usual.run.options.seed; }

void write_units(measure::JsonWriter& json) {
  json.key("units").begin_object();
  json.member("started", "seconds since 1970");
  json.member("measured",
              "a sentence whose figures have their units: latency from the intended generation of "
              "an event to its complete arrival at a client, bytes at the server's sockets, both "
              "ways, unless it says otherwise");
  json.end_object();
}

std::string render_json(const std::vector<Claim>& claims, const Evidence& evidence) {
  measure::JsonWriter json;
  json.begin_object().member("schema_version", claims_schema_version);
  json.member("started", evidence.rare.run.started);
  json.key("environment").begin_object();
  for (const auto& [name, value] : evidence.environment()) json.member(name, value);
  json.end_object();
  json.member("seed", seed_of(evidence));
  write_units(json);
  json.key("claims").begin_array();
  for (const Claim& claim : claims) {
    json.begin_object().member("claim", claim.sentence);
    json.member("verdict", name_of(claim.verdict)).member("measured", claim.measured);
    json.member("figures", name_of(claim.basis)).member("true_when", claim.holds).end_object();
  }
  json.end_array().end_object();
  return json.text();
}

}  // namespace

Environment Evidence::environment() const {
  Environment environment = usual.run.environment;
  if (!environment.empty()) environment["command_line"] = command_line;
  return environment;
}

std::string render_claims(std::string_view format, const std::vector<Claim>& claims,
                          const Evidence& evidence) {
  if (format == "json") return render_json(claims, evidence);
  if (format == "csv") return table_of(claims).csv();
  const std::string where = fingerprint(evidence.environment(), seed_of(evidence));
  if (format == "markdown") return table_of(claims).markdown() + "\n" + where;
  return render_text(claims) + where;
}

}  // namespace duplex::tools

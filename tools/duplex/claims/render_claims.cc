// The ledger of claims in each of the formats.
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

namespace {

measure::Table table_of(const std::vector<Claim>& claims) {
  measure::Table table({{.heading = "claim"},
                        {.heading = "verdict"},
                        {.heading = "measured"},
                        {.heading = "true_when"}});
  for (const Claim& claim : claims) {
    table.add_row(
        {claim.sentence, std::string(name_of(claim.verdict)), claim.measured, claim.holds});
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
    text += paragraph("true when", claim.holds) + "\n";
  }
  return text;
}

std::string render_json(const std::vector<Claim>& claims) {
  measure::JsonWriter json;
  json.begin_object().key("claims").begin_array();
  for (const Claim& claim : claims) {
    json.begin_object().member("claim", claim.sentence);
    json.member("verdict", name_of(claim.verdict)).member("measured", claim.measured);
    json.member("true_when", claim.holds).end_object();
  }
  json.end_array().end_object();
  return json.text();
}

}  // namespace

std::string render_claims(std::string_view format, const std::vector<Claim>& claims) {
  if (format == "json") return render_json(claims);
  if (format == "csv") return table_of(claims).csv();
  if (format == "markdown") return table_of(claims).markdown();
  return render_text(claims);
}

}  // namespace duplex::tools

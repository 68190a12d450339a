// The ledger of claims as one page, with the runs that it rests on.
#include "../bench/charts.h"
#include "../bench/page_parts.h"
#include "../bench/render.h"
#include "../bench/report_tables.h"
#include "claims.h"

namespace duplex::tools {
namespace {

std::string page_section(const Claim& claim) {
  return section(
      "“" + claim.sentence + ".”",
      paragraph(name_of(claim.verdict), "verdict") +
          paragraph("Measured (" + std::string(name_of(claim.basis)) + "): " + claim.measured) +
          paragraph("True when " + claim.holds));
}

std::string page_section(const EvidenceStep& step, const BenchReport& report) {
  return section(
      step.question,
      figure(percentile_chart(report), "Latency by percentile; the hollow marks are predicted.") +
          latency_table(report, Width::wide).html() + command_of(report.run.environment));
}

}  // namespace

std::string render_claims_page(const std::vector<Claim>& claims, const Evidence& evidence) {
  std::string out = page_head("What is said of WebSocket and polling");
  out += paragraph("Each sentence as it is repeated, held against measurements of one machine.");
  for (const Claim& claim : claims) out += page_section(claim);
  out += section("What was measured", "");
  for (const EvidenceStep& step : evidence_steps(false)) {
    out += page_section(step, evidence.*step.member);
  }
  out += section("Environment", environment_list(evidence.environment()));
  return out + std::string(page_end);
}

}  // namespace duplex::tools

// What is often said of WebSocket and polling, held against measurements. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../bench/report.h"

namespace duplex::tools {

// The measurements that all claims together need.
struct Evidence {
  BenchReport rare;    // events that come seldom, polls that come often
  BenchReport usual;   // 4 a second, polls every 250 ms
  BenchReport parked;  // long polls over 50 ms each way, events that come seldom
  BenchReport dense;   // the same path, 50 a second
  BenchReport busy;    // 500 a second, beside bare TCP
  BenchReport polled;  // events of 64 bytes, 100 a second
  BenchReport headed;  // the same, with the heads of a browser of today
  BenchReport laden;   // the same, with those of a browser of 2010 and its cookies
  BenchReport small;   // the same with our own, 1,000 a second
  BenchReport medium;  // of 1 KiB
  BenchReport large;   // of 65,536 bytes

  std::string command_line = {};  // as somebody has typed it

  // Of the machine and the program, and how it was told to measure.
  Environment environment() const;
};

// A member of Evidence, and the arguments of `duplex bench` that measure it.
struct EvidenceStep {
  BenchReport Evidence::*member;
  std::vector<std::string> arguments;
  std::string_view question;  // a title
};
std::vector<EvidenceStep> evidence_steps(bool quick);

// Inconclusive: the machine left nothing to judge by, or a figure that cannot be.
enum class Verdict { is_true, depends, is_false, inconclusive };

// Of a claim's figures. What is counted is exact; what is timed has a 95 % interval over rounds.
enum class Basis { counted, timed };

struct Claim {
  std::string sentence = {};  // as it is repeated
  Basis basis = Basis::counted;
  Verdict verdict = Verdict::depends;
  std::string measured = {};  // our own figures
  std::string holds = {};     // the parameters under which it would be true
};

std::string_view name_of(Verdict verdict);
std::string_view name_of(Basis basis);

std::vector<Claim> judge_claims(const Evidence& evidence);

// By name: "text", "csv", "json", "markdown".
std::string render_claims(std::string_view format, const std::vector<Claim>& claims,
                          const Evidence& evidence);
inline constexpr int claims_schema_version = 2;  // of the JSON: claims.schema.json
// As one page that needs nothing else, with charts of the evidence.
std::string render_claims_page(const std::vector<Claim>& claims, const Evidence& evidence);

}  // namespace duplex::tools

// What is often said of WebSocket and polling, held against measurements.
#include "claims.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "../bench/cells.h"
#include "../bench/plan.h"
#include "../bench/preset.h"
#include "measure/format.h"
#include "measure/model.h"
#include "timed_ratio.h"

namespace duplex::tools {
namespace {

using measure::format_bytes;
using measure::format_ratio;
using measure::format_share;
using measure::Seconds;

const ArmReport& arm_of(const BenchReport& report, std::string_view name) {
  static const ArmReport none;
  const ArmReport* const found = report.find(name);
  return found != nullptr ? *found : none;
}

std::string duration(double seconds) { return measure::format_duration(Seconds(seconds)); }

// The claim, unless one of the ratios that it rests on is of no round.
Claim of_ratios(Claim claim, std::initializer_list<TimedRatio> ratios) {
  claim.basis = Basis::timed;
  for (const TimedRatio& ratio : ratios) {
    if (!std::isnan(ratio.estimate)) continue;
    claim.verdict = Verdict::inconclusive;
    claim.measured = "no round has both arms without a disturbance by the machine";
  }
  return claim;
}

// Bytes of an event that are not its payload.
double overhead(const BenchReport& report, std::string_view arm) {
  return arm_of(report, arm).per_delivery.bytes -
         static_cast<double>(report.run.options.event_size);
}

double empty_share(const BenchReport& report) {
  const ArmReport& polls = arm_of(report, "sp");
  return polls.empty_answers_per_delivery / polls.per_delivery.requests;
}

double calls_of(const ArmReport& arm, std::string_view name) {
  const auto found = arm.per_delivery.calls.find(std::string(name));
  return found == arm.per_delivery.calls.end() ? 0 : found->second;
}

// What surrounds an event, at a rate at which openings and ends no longer count.
double push_overhead(const Evidence& evidence) { return overhead(evidence.small, "ws"); }
double poll_overhead(const Evidence& evidence) { return overhead(evidence.polled, "lp"); }

// The verdict of a sentence whose two ends may hold or not.
Verdict verdict_of(bool at_best, bool at_worst) {
  if (at_worst) return Verdict::is_true;
  return at_best ? Verdict::depends : Verdict::is_false;
}

constexpr double poll_gap = 0.05;  // s: TCP waits no longer for company before it acknowledges

// Bytes on Ethernet for each event of `evidence.headed`, with acknowledgements, by the model.
double link_bytes(const Evidence& evidence, measure::Transport transport, double polls_per_event) {
  measure::Scenario scenario = scenario_of(evidence.headed.run.options);
  const auto heads = static_cast<std::size_t>(std::max(overhead(evidence.headed, "lp"), 0.0));
  scenario.headers = {.poll_request = heads / 2,
                      .poll_response = heads - heads / 2,
                      .poll_empty_response = heads - heads / 2};
  if (transport == measure::Transport::short_poll) {
    scenario.rate = 1 / (polls_per_event * poll_gap);
    scenario.poll_interval = Seconds(poll_gap);
  }
  return measure::predict(transport, scenario).link_bytes_per_event;
}

// How many times the bytes of WebSocket, on Ethernet.
double link_ratio(const Evidence& evidence) {
  return link_bytes(evidence, measure::Transport::long_poll, 1) /
         link_bytes(evidence, measure::Transport::websocket, 1);
}

Claim headers_shrink(const Evidence& evidence) {
  const double push = push_overhead(evidence);
  const auto times = [push](double poll) {
    return format_bytes(poll) + " (" + format_ratio(poll / push) + ")";
  };
  const double bare = poll_overhead(evidence);
  const double laden = overhead(evidence.laden, "lp");
  return {.sentence = "WebSocket makes headers hundreds of times smaller",
          .verdict = verdict_of(laden / push > 100, bare / push > 200),
          .measured = format_bytes(push) + " around a message; around each event of a long poll " +
                      times(laden) + " with the heads of a browser of 2010 and its cookies, " +
                      times(overhead(evidence.headed, "lp")) + " with those of one of today, " +
                      times(bare) + " with our client's; as frames on Ethernet, with " +
                      "acknowledgements and the payload, the model has " +
                      format_ratio(link_ratio(evidence)) + " for today's",
          .holds = "heads alone are counted, and they are those of a browser with cookies"};
}

// Polls that bring nothing have heads, too.
Claim hundreds_fewer(const Evidence& evidence) {
  constexpr double least = 500;
  constexpr double many = 100;  // polls for an event
  const auto bytes = [](const BenchReport& report, std::string_view arm) {
    return arm_of(report, arm).per_delivery.bytes;
  };
  const double seldom = bytes(evidence.rare, "sp") / bytes(evidence.rare, "ws");
  const double usual = bytes(evidence.usual, "sp") / bytes(evidence.usual, "ws");
  const double push = link_bytes(evidence, measure::Transport::websocket, 1);
  const double poll = link_bytes(evidence, measure::Transport::short_poll, many) / many;
  const double needed = least * push / poll;
  return {.sentence = "WebSocket needs 500 to 1000 times fewer bytes",
          .verdict = verdict_of(needed < 1000, usual >= least),
          .measured = format_ratio(seldom) + " with one event a second and a poll every 50 ms, " +
                      format_ratio(usual) + " with four a second and a poll every 250 ms; " +
                      "on Ethernet, with the heads of a browser of today, the model has " +
                      format_ratio(poll / push) + " for each poll of an event",
          .holds = "an event comes once in " + measure::significant(needed) + " polls, so that " +
                   format_share(std::exp(-1 / needed)) + " of them bring nothing"};
}

Claim three_times_slower(const Evidence& evidence) {
  const ArmReport& polls = arm_of(evidence.dense, "lp");
  const double worst = static_cast<double>(polls.histogram.max()) / 1e9;
  const double push = arm_of(evidence.dense, "ws").mean;
  const TimedRatio mean = latency_ratio(evidence.dense, "lp");
  constexpr double about_three = 2.5;
  return of_ratios(
      {.sentence = "Polling takes three times as long: 150 ms instead of 50 ms",
       .verdict = verdict_of(worst / push > about_three, mean.estimate > about_three),
       .measured = "over 50 ms each way a long poll took " + interval_cell(polls.mean_interval) +
                   " on average and " + duration(worst) + " at worst, WebSocket " +
                   interval_cell(arm_of(evidence.dense, "ws").mean_interval) + ": " + mean.text +
                   " and " + format_ratio(worst / push),
       .holds = "the worst case of a long poll is meant, and events come more than once in a "
                "round trip"},
      {mean});
}

// A long poll that takes so much of WebSocket's time is slower even when nothing makes it wait.
constexpr double noticeable = 1.5;

Claim always_slower(const Evidence& evidence) {
  const TimedRatio ratio = latency_ratio(evidence.parked, "lp");
  const bool holds = ratio.low > noticeable;
  return of_ratios(
      {.sentence = "A long poll is always slower: the message waits for the next poll",
       .verdict = holds ? Verdict::is_true : Verdict::is_false,
       .measured = "two events a second, at equal gaps, over 50 ms each way: " + ratio.text +
                   " of WebSocket's time" +
                   (holds ? "" : "; only what comes within a round trip of the last event waits"),
       .holds = "events come more than once in a round trip"},
      {ratio});
}

Claim two_bytes(const Evidence& evidence) {
  const auto are_two = [](double bytes) { return bytes < 2.5; };
  return {.sentence = "WebSocket adds two bytes to a message",
          .verdict =
              verdict_of(are_two(push_overhead(evidence)), are_two(overhead(evidence.large, "ws"))),
          .measured = format_bytes(push_overhead(evidence)) + " at 64 B, " +
                      format_bytes(overhead(evidence.medium, "ws")) + " at 1 KiB, " +
                      format_bytes(overhead(evidence.large, "ws")) +
                      " at 64 KiB, from the server (RFC 6455 section 5.2)",
          .holds =
              "a server sends at most 125 bytes; a client's mask takes 4 more, and TCP, IP "
              "and Ethernet 66 for each packet"};
}

Claim new_connections(const Evidence& evidence) {
  const ArmReport& polls = arm_of(evidence.usual, "lp");
  const double accepts = calls_of(polls, "accept4");
  return {.sentence = "Long polling opens a new connection for each message",
          .verdict = accepts > 0.5 ? Verdict::is_true : Verdict::is_false,
          .measured = measure::significant(polls.per_delivery.requests) + " requests and " +
                      measure::significant(accepts) + " accepted connections per event",
          .holds = "the client or something between does not keep connections alive"};
}

Claim wasted_polls(const Evidence& evidence) {
  const auto expected = [](const BenchReport& report) {
    return measure::predict(measure::Transport::short_poll, scenario_of(report.run.options))
        .empty_share;
  };
  constexpr double about_all = 0.9;
  return {.sentence = "Most polls are wasted: 95 % of the answers are empty",
          .verdict = verdict_of(empty_share(evidence.rare) > about_all,
                                empty_share(evidence.usual) > about_all),
          .measured = format_share(empty_share(evidence.rare)) +
                      " were empty with one event a second and a poll every 50 ms (predicted " +
                      format_share(expected(evidence.rare)) + "), " +
                      format_share(empty_share(evidence.usual)) +
                      " with four a second and a poll every 250 ms (" +
                      format_share(expected(evidence.usual)) + ")",
          .holds = "events come once in twenty polls: the share is exp(-rate x interval)"};
}

Claim less_work(const Evidence& evidence) {
  const TimedRatio busy = cpu_ratio(evidence.busy, "sp", "ws");
  const TimedRatio usual = cpu_ratio(evidence.usual, "sp", "ws");
  return of_ratios(
      {.sentence = "Pushing takes less of the server's processor than polling",
       .verdict = usual.low > 1 && busy.low > 1 ? Verdict::is_true : Verdict::depends,
       .measured = "CPU per event of short polling over that of WebSocket: " + usual.text +
                   " at four events a second, " + busy.text + " at 500",
       .holds = "polls bring fewer than a few events each; beyond that a poll's batch is "
                "cheaper than a message for each"},
      {busy, usual});
}

Claim cost_over_tcp(const Evidence& evidence) {
  const ArmReport& floor = arm_of(evidence.busy, "tcp");
  const ArmReport& push = arm_of(evidence.busy, "ws");
  const TimedRatio ratio = cpu_ratio(evidence.busy, "ws", "tcp");
  return of_ratios(
      {.sentence = "WebSocket costs three times as much as bare TCP",
       .verdict = ratio.low > 2 ? Verdict::is_true : Verdict::is_false,
       .measured = "64 B, 500 a second, on loopback: " + ratio.text + " of the CPU per event, " +
                   interval_cell(push.mean_interval) + " instead of " +
                   interval_cell(floor.mean_interval) +
                   (floor.distinguishable ? "" : ", which is in the noise"),
       .holds = "masking, parsing and calling take as long as two trips through the kernel's TCP"},
      {ratio});
}

Claim half_the_bytes(const Evidence& evidence) {
  const double poll = poll_overhead(evidence);
  const double push = push_overhead(evidence);
  const double payload = poll - 2 * push;
  return {
      .sentence = "WebSocket halves the bytes",
      .verdict = verdict_of(payload > 0, false),
      .measured = "by the heads measured here (" + format_bytes(poll) + " and " +
                  format_bytes(push) + "), it does at " + format_bytes(payload) +
                  " of payload against long polling: less of it, and it saves more",
      .holds = "payload + " + format_bytes(poll) + " = 2 (payload + " + format_bytes(push) + ")"};
}

// What of an arm is compared, or divided by.
enum class Figure { time, bytes, requests, cpu };

// An arm whose figures a claim rests on.
struct Need {
  const BenchReport& report;
  std::string_view arm;
  Figure figure = Figure::time;
};

// What cannot be: every event is within more bytes, and takes some time of the server. What was
// taken off for the questions of the bench itself may leave nothing.
std::string impossible(const Need& need, const ArmReport& arm) {
  const auto none = [](std::string_view figure) { return "no " + std::string(figure) + " was"; };
  const double size = static_cast<double>(need.report.run.options.event_size);
  const Costs& costs = arm.per_delivery;
  switch (need.figure) {
    case Figure::time:
      return arm.mean > 0 ? "" : none("time");
    case Figure::requests:
      return costs.requests > 0 ? "" : none("request");
    case Figure::cpu:
      return costs.cpu_seconds > 0 ? "" : none("CPU time of the server");
    case Figure::bytes:
      break;
  }
  return costs.bytes > size ? "" : format_bytes(costs.bytes) + " were";
}

// Why there is nothing to judge by, or nothing.
std::string flaw_of(const Need& need) {
  const ArmReport& arm = arm_of(need.report, need.arm);
  if (arm.delivery_count == 0) {
    return "nothing counts of " + std::string(need.arm) + ": " +
           std::to_string(arm.flagged_blocks) + " of its " + std::to_string(need.report.rounds) +
           " blocks were disturbed by the machine";
  }
  const std::string found = impossible(need, arm);
  if (found.empty()) return {};
  return found + " counted for an event of " +
         format_bytes(static_cast<double>(need.report.run.options.event_size)) + " over " +
         std::string(need.arm) + ", which cannot be";
}

Claim resting_on(Claim claim, std::initializer_list<Need> needs) {
  for (const Need& need : needs) {
    const std::string flaw = flaw_of(need);
    if (flaw.empty()) continue;
    claim.verdict = Verdict::inconclusive;
    claim.measured = flaw;
    return claim;
  }
  return claim;
}

}  // namespace

std::vector<EvidenceStep> evidence_steps(bool quick) {
  const auto step = [quick](BenchReport Evidence::*member, std::string_view question,
                            std::string_view arguments, std::string_view quick_time,
                            std::string_view time) {
    EvidenceStep made = {member, words_of(arguments), question};
    for (const std::string_view word : {std::string_view("--duration"), quick ? quick_time : time})
      made.arguments.emplace_back(word);
    // Bytes are the same however long they have waited.
    const bool is_of_bytes = member == &Evidence::polled || member == &Evidence::headed ||
                             member == &Evidence::laden || member == &Evidence::small ||
                             member == &Evidence::medium || member == &Evidence::large;
    if (!is_of_bytes) made.arguments.emplace_back("--discard-noisy");
    if (quick) made.arguments.insert(made.arguments.end(), {"--warmup", "1s"});
    return made;
  };
  return {
      step(&Evidence::rare, "Seldom: one a second, polled every 50 ms",
           "--rate 1/s --poll 50ms --arms ws,sp --rounds 5", "12s", "60s"),
      step(&Evidence::usual, "Four a second, polled every 250 ms",
           "--rate 4/s --poll 250ms --arms ws,lp,sp --rounds 10", "30s", "100s"),
      step(&Evidence::parked, "Two a second, 50 ms each way",
           "--rate 2/s --dist periodic --delay 50ms --arms ws,lp --rounds 8", "20s", "80s"),
      step(&Evidence::dense, "Fifty a second, 50 ms each way",
           "--rate 50/s --delay 50ms --arms ws,lp --rounds 8", "8s", "24s"),
      step(&Evidence::busy, "Five hundred a second, beside bare TCP",
           "--rate 500/s --arms ws,sp,tcp --rounds 8", "10s", "24s"),
      step(&Evidence::polled, "64 B, a hundred a second",
           "--rate 100/s --size 64 --arms ws,lp --rounds 3", "4s", "12s"),
      step(&Evidence::headed, "The same, with the heads of a browser of today",
           "--rate 100/s --size 64 --heads 566 --arms ws,lp --rounds 3", "4s", "12s"),
      step(&Evidence::laden, "The same, with those of 2010 and cookies",
           "--rate 100/s --size 64 --heads 871 --arms ws,lp --rounds 3", "4s", "12s"),
      step(&Evidence::small, "64 B, a thousand a second",
           "--rate 1k/s --size 64 --arms ws --rounds 3", "3s", "12s"),
      step(&Evidence::medium, "1 KiB, a thousand a second",
           "--rate 1k/s --size 1KiB --arms ws --rounds 3", "3s", "12s"),
      step(&Evidence::large, "64 KiB, a hundred a second",
           "--rate 100/s --size 64KiB --arms ws --rounds 3", "3s", "12s"),
  };
}

std::vector<Claim> judge_claims(const Evidence& evidence) {
  const Need push = {evidence.small, "ws", Figure::bytes};
  const Need poll = {evidence.polled, "lp", Figure::bytes};
  const Need headed = {evidence.headed, "lp", Figure::bytes};
  const Need laden = {evidence.laden, "lp", Figure::bytes};
  return {
      resting_on(headers_shrink(evidence), {push, poll, headed, laden}),
      resting_on(hundreds_fewer(evidence), {headed,
                                            {evidence.rare, "ws", Figure::bytes},
                                            {evidence.rare, "sp", Figure::bytes},
                                            {evidence.usual, "ws", Figure::bytes},
                                            {evidence.usual, "sp", Figure::bytes}}),
      resting_on(three_times_slower(evidence), {{evidence.dense, "ws"}, {evidence.dense, "lp"}}),
      resting_on(always_slower(evidence), {{evidence.parked, "ws"}, {evidence.parked, "lp"}}),
      resting_on(
          two_bytes(evidence),
          {push, {evidence.medium, "ws", Figure::bytes}, {evidence.large, "ws", Figure::bytes}}),
      resting_on(new_connections(evidence), {{evidence.usual, "lp", Figure::requests}}),
      resting_on(wasted_polls(evidence), {{evidence.rare, "sp", Figure::requests},
                                          {evidence.usual, "sp", Figure::requests}}),
      resting_on(less_work(evidence), {{evidence.usual, "ws", Figure::cpu},
                                       {evidence.usual, "sp", Figure::cpu},
                                       {evidence.busy, "ws", Figure::cpu},
                                       {evidence.busy, "sp", Figure::cpu}}),
      resting_on(cost_over_tcp(evidence),
                 {{evidence.busy, "ws", Figure::cpu}, {evidence.busy, "tcp", Figure::cpu}}),
      resting_on(half_the_bytes(evidence), {push, poll})};
}

}  // namespace duplex::tools

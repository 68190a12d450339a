// What a visitor of the lab page may choose for his race.
#include "race_options.h"

#include <charconv>
#include <cmath>

#include "duplex/http/target.h"
#include "measure/format.h"

namespace duplex::tools::lab {
namespace {

using std::chrono::nanoseconds;

constexpr double most_nanoseconds = 9e18;

// Reads the numbers of one query; remembers the first problem.
class Reader {
 public:
  explicit Reader(std::string_view query) : query_(query) {}

  double number(std::string_view name, double otherwise, double least, double most) {
    const auto text = http::query_parameter(query_, name);
    if (!text) return otherwise;
    double value = 0;
    const char* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, value);
    // Written so that what is no number is refused, too.
    if (error == std::errc() && end == last && value >= least && value <= most) return value;
    complain(name, *text,
             "a number from " + measure::significant(least) + " to " + measure::significant(most));
    return otherwise;
  }
  std::int64_t integer(std::string_view name, std::int64_t otherwise, std::int64_t most) {
    const auto text = http::query_parameter(query_, name);
    if (!text) return otherwise;
    std::int64_t value = 0;
    const char* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, value);
    if (error == std::errc() && end == last && value >= 0 && value <= most) return value;
    complain(name, *text, "an integer from 0 to " + std::to_string(most));
    return otherwise;
  }
  bool is_poisson(bool otherwise) {
    const auto text = http::query_parameter(query_, "dist");
    if (!text) return otherwise;
    if (*text != "poisson" && *text != "periodic") complain("dist", *text, "poisson or periodic");
    return *text == "poisson";
  }
  const std::string& problem() const noexcept { return problem_; }

 private:
  void complain(std::string_view name, std::string_view value, std::string_view allowed) {
    if (!problem_.empty()) return;
    constexpr std::size_t shown = 40;  // bytes of what came
    problem_.append(name).append("='").append(value.substr(0, shown)).append("': ");
    problem_.append(allowed).append(" is allowed");
  }

  std::string_view query_;
  std::string problem_;
};

}  // namespace

std::string RaceOptions::query() const {
  return "rate=" + measure::fixed(rate, 3) + "&dist=" + (poisson ? "poisson" : "periodic") +
         "&size=" + std::to_string(event_size) + "&delay=" + measure::fixed(delay, 3) +
         "&start=" + std::to_string(start.count());
}

FeedOptions RaceOptions::feed() const {
  FeedOptions feed;
  feed.rate = rate;
  feed.poisson = poisson;
  feed.event_size = event_size;
  feed.history = 512;
  feed.max_answer = max_waiting;  // all of it: polls may be far apart
  feed.seed = static_cast<std::uint64_t>(start.count());
  feed.start = net::Clock::time_point(start);
  feed.topic = "race " + query();
  feed.link_delay = nanoseconds(std::llround(delay * 1e6));
  return feed;
}

// Held back above TCP: connecting costs no delay.
measure::Scenario RaceOptions::scenario() const {
  return {.one_way_delay = measure::Seconds(delay / 1000),
          .rate = rate,
          .arrivals = poisson ? measure::Arrivals::poisson : measure::Arrivals::periodic,
          .poll_interval = measure::Seconds(poll / 1000),
          .handshake_is_local = true,
          .payload_size = event_size};
}

Result<RaceOptions, std::string> parse_race(std::string_view query) {
  using Limits = RaceLimits;
  Reader reader(query);
  RaceOptions race;
  race.rate = reader.number("rate", race.rate, Limits::min_rate, Limits::max_rate);
  race.poisson = reader.is_poisson(race.poisson);
  race.event_size = static_cast<std::uint64_t>(
      reader.integer("size", static_cast<std::int64_t>(race.event_size), Limits::max_event_size));
  race.delay = reader.number("delay", race.delay, 0, Limits::max_delay);
  race.poll = reader.number("poll", race.poll, Limits::min_poll, Limits::max_poll);
  race.start = nanoseconds(reader.integer("start", 0, static_cast<std::int64_t>(most_nanoseconds)));
  if (!reader.problem().empty()) return Failure{reader.problem()};
  return race;
}

std::string start_problem(const RaceOptions& race, nanoseconds now) {
  constexpr auto longest_wait = std::chrono::seconds(5);
  if (race.start > now + longest_wait) return "start lies in the future of this server's clock";
  if (race.start + RaceLimits::max_age <= now) return "this race is over; start another one";
  return {};
}

}  // namespace duplex::tools::lab

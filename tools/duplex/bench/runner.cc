// Runs the blocks of a bench.
#include "runner.h"

#include <algorithm>
#include <utility>

#include "../feed_event.h"
#include "../serve/query.h"
#include "../serve/server_metrics.h"
#include "measure/format.h"
#include "measure/statistics.h"
#include "turn_until.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

constexpr auto open_limit = 10s;  // beyond what the round trips take
constexpr auto answer_limit = 5s;
constexpr auto drain_limit = 2s;    // beyond what the slowest transport takes
constexpr auto settle_time = 50ms;  // beyond a round trip: until polls are parked

constexpr const char* events_name = "duplex_feed_events_total";

std::uint64_t newest_in(const std::map<std::string, double>& samples) {
  return static_cast<std::uint64_t>(samples.at(events_name));
}

// "2026-11-22T09:30:00.123Z 5025123456789": the second one is the clock that stamps events.
std::optional<std::chrono::nanoseconds> time_told(std::string_view answer) {
  const std::string_view line = answer.substr(0, answer.find('\n'));
  const std::size_t space = std::min(line.find(' '), line.size());
  const auto told = parse_number(line.substr(std::min(space + 1, line.size())));
  if (!told || *told > static_cast<std::uint64_t>(furthest_stamp.count())) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(*told));
}

}  // namespace

struct BenchRunner::Course {
  // `clock`: of whoever stamps the events.
  Course(const BenchOptions& options, const ServerClock& clock)
      : recorder(options.clients, options.poisson, clock.ahead()), clock_error(clock.error()) {}

  BlockRecorder recorder;
  std::chrono::nanoseconds clock_error;
  net::Clock::time_point connected = {};
  net::Clock::time_point asked = {};  // for the newest event, which was
  std::uint64_t first = 0;            // this; the events of the block are those after it,
  std::uint64_t last = 0;             // up to this one
  measure::Window window = {};
  measure::Window wire_window = {};     // without the bench's own questions
  net::Clock::time_point drained = {};  // what has not come by then never will
  Block block = {};
  std::unique_ptr<Arm> arm = nullptr;  // last: its clients deliver to the recorder
};

BenchRunner::BenchRunner(EventLoop& loop, const BenchOptions& options,
                         const std::vector<ArmSpec>& arms, const Endpoints& endpoints,
                         const Instruments& instruments)
    : loop_(loop),
      options_(options),
      arms_(arms),
      endpoints_(endpoints),
      instruments_(instruments),
      metrics_client_(loop),
      random_(options.seed),
      start_(loop.kernel().now()) {
  calibrate();
  if (!options.server.empty()) compare_clocks();
}

BenchRunner::~BenchRunner() = default;

void BenchRunner::fail(const std::string& why) {
  if (failure_.empty()) failure_ = why;
}

// False when the time was up before `done`.
template <class Done>
bool BenchRunner::turn_until(Done done, std::chrono::nanoseconds limit) {
  return tools::turn_until(loop_, done, limit, failure_, on_tick_);
}

void BenchRunner::wait(std::chrono::nanoseconds time) {
  turn_until([] { return false; }, time);
}

std::string BenchRunner::ask(std::string_view path) {
  const std::string url = "http://" + endpoints_.direct + std::string(path);
  std::optional<std::string> answer;
  const RequestId id = metrics_client_.request(
      {.url = url}, {.on_done =
                         [&](int, std::string_view body) {
                           answered_ = loop_.kernel().now();
                           answer.emplace(body);
                         },
                     .on_failure = [this](const HttpFailure& failure) { fail(failure.message); }});
  if (!turn_until([&answer] { return answer.has_value(); }, answer_limit)) {
    metrics_client_.cancel(id);
    throw BenchFailure("no answer from " + url);
  }
  return *std::move(answer);
}

BenchRunner::Samples BenchRunner::scrape() {
  const std::string body = ask("/metrics");
  answer_size_ = static_cast<double>(body.size());
  Samples samples = parse_prometheus(body);
  if (!samples.contains(events_name)) {
    throw BenchFailure("http://" + endpoints_.direct +
                       "/metrics does not speak of a feed; is it `duplex serve`?");
  }
  if (samples.at(events_name) < static_cast<double>(newest_)) {
    throw BenchFailure(
        "http://" + endpoints_.direct +
        "/metrics counts fewer events than before: " + measure::fixed(samples.at(events_name), 0) +
        " after " + std::to_string(newest_) + "; has the server been started again?");
  }
  newest_ = newest_in(samples);
  return samples;
}

void BenchRunner::calibrate() {
  scrape();  // connects
  const Costs before = costs_of(scrape());
  scrape_cost_.bytes = -answer_size_;
  scrape_cost_ += costs_of(scrape());
  scrape_cost_ -= before;
  scrape_cost_.cpu_seconds = scrape_cpu_seconds();
}

// Who has slept takes longer for it than who was asked a moment ago, and before a block ends the
// server has slept.
double BenchRunner::scrape_cpu_seconds() {
  constexpr std::size_t count = 5;
  constexpr auto pause = 50ms;
  std::vector<double> sample;
  double before = costs_of(scrape()).cpu_seconds;
  for (std::size_t i = 0; i < count; ++i) {
    wait(pause);
    const double after = costs_of(scrape()).cpu_seconds;
    sample.push_back(after - before);
    before = after;
  }
  return measure::median(std::move(sample));
}

ClockReading BenchRunner::read_clock() {
  ClockReading reading = {.asked = loop_.kernel().now().time_since_epoch()};
  const std::string text = ask("/time");
  reading.answered = answered_.time_since_epoch();
  const auto said = time_told(text);
  if (!said) {
    throw BenchFailure("http://" + endpoints_.direct +
                       "/time does not tell the clock that stamps events; is it `duplex serve`?");
  }
  reading.said = *said;
  return reading;
}

// As many round trips as there is time for: a long one is known well enough by few.
void BenchRunner::compare_clocks() {
  constexpr std::size_t most = 64;
  constexpr std::size_t least = 8;
  constexpr auto limit = 500ms;
  const auto begin = loop_.kernel().now();
  std::vector<ClockReading> readings;
  while (readings.size() < most &&
         (readings.size() < least || loop_.kernel().now() - begin < limit)) {
    readings.push_back(read_clock());
  }
  server_clock_.compare(readings);
}

std::optional<ForeignClock> BenchRunner::look_at_clock() {
  if (server_clock_.is_foreign()) compare_clocks();
  return server_clock_.summary();
}

ArmSettings BenchRunner::arm_settings() const {
  return {.http = endpoints_.http,
          .tcp = endpoints_.tcp,
          .client_count = options_.clients,
          .newest = newest_,
          .heads = options_.heads,
          .poll_interval = options_.poll_interval,
          .polls_at_rate = options_.polls_at_rate(),
          .poll_cycle = options_.polls_at_rate() ? options_.poll_interval
                                                 : options_.poll_interval + options_.round_trip(),
          .schedule = {.arrivals = options_.poisson ? measure::Arrivals::poisson
                                                    : measure::Arrivals::periodic,
                       .rate = options_.rate},
          .event_size = options_.event_size,
          .content = options_.content,
          .seed = options_.seed};
}

std::chrono::nanoseconds BenchRunner::slowest() const {
  return options_.poll_interval + 4 * options_.round_trip() + options_.coalesce;
}

// Waits until its clients are there and the block before has drained.
std::unique_ptr<BenchRunner::Course> BenchRunner::connect(std::size_t arm) {
  // An echo's events are stamped here.
  const bool is_ours = measure::is_echo(arms_[arm].transport);
  auto course = std::make_unique<Course>(options_, is_ours ? ServerClock() : server_clock_);
  BlockRecorder& recorder = course->recorder;
  course->connected = loop_.kernel().now();
  course->arm =
      make_arm(arms_[arm].transport, loop_, arm_settings(),
               {.deliver =
                    [&recorder](std::size_t client, std::string_view lines, auto received) {
                      recorder.deliver(client, lines, received.time_since_epoch());
                    },
                .fail = [this](const std::string& why) { fail(why); }},
               measure::Random(random_()));
  const auto is_ready = [&] { return course->arm->ready_count() == options_.clients; };
  turn_until([&] { return is_ready() && has_drained(); }, open_limit + slowest());
  if (!is_ready()) {
    throw BenchFailure("the clients of " + label_of(arms_[arm]) + " were not answered");
  }
  return course;
}

bool BenchRunner::has_drained() const {
  if (!draining_ || loop_.kernel().now() >= draining_->drained) return true;
  const bool is_counted = instruments_.wire == nullptr || instruments_.wire->has_counted();
  return is_counted && draining_->recorder.all_have(draining_->last);
}

WarmUp BenchRunner::warm_up(const std::function<bool()>& stopped) {
  if (options_.warm_up.count() == 0) return {};
  WarmUpRule rule(options_.warm_up);
  const auto course = connect(0);
  course->recorder.take_latencies();
  do {
    if (turn_until(stopped, rule.next_window())) break;
  } while (!rule.add(course->recorder.take_latencies()));
  scrape();  // which event is the newest now
  return rule.outcome();
}

std::optional<Block> BenchRunner::run(const PlannedBlock& planned) {
  if (server_clock_.is_due(loop_.kernel().now().time_since_epoch())) compare_clocks();
  auto course = connect(planned.arm);
  auto before = finish();
  wait(options_.round_trip() + settle_time);
  measure(*course, planned);
  draining_ = std::move(course);
  return before;
}

void BenchRunner::measure(Course& course, const PlannedBlock& planned) {
  net::Kernel& clock = loop_.kernel();
  const Arm& arm = *course.arm;
  Block& block = course.block;
  block.arm = planned.arm;
  block.round = planned.round;
  block.order = block_count_++;
  MachineWatch* const machine = instruments_.machine;
  if (machine != nullptr) machine->begin_block();
  course.asked = clock.now();
  const Samples before = scrape();
  const double answer_size = answer_size_;
  begin_window(course);
  course.first = arm.newest_event().value_or(newest_in(before));
  const std::uint64_t empty = arm.empty_answer_count();
  wait(planned.length);
  end_window(course);
  block.empty_answers = arm.empty_answer_count() - empty;
  const Samples after = scrape();
  course.last = arm.newest_event().value_or(newest_in(after));
  course.window.end = clock.now().time_since_epoch();
  course.arm->stop_sending();
  if (machine != nullptr) block.noise = machine->end_block();
  course.drained = clock.now() + drain_limit + slowest();
  // Longer than planned when the server took its time to answer: so long it made events.
  block.length = course.window.end - course.window.begin;
  const auto start = course.window.begin - start_.time_since_epoch();
  block.start = std::chrono::duration<double>(start).count();
  block.costs = costs_of(after);
  block.costs -= costs_of(before);
  block.costs -= scrape_cost_;
  block.costs.bytes -= answer_size;
  std::erase_if(block.costs.calls, [](const auto& call) { return call.second == 0; });
}

// What watching costs is not the clients'.
void BenchRunner::begin_window(Course& course) {
  if (instruments_.wire != nullptr) instruments_.wire->begin_block();
  if (instruments_.machine != nullptr) {
    course.block.client_cpu_seconds = -instruments_.machine->client_cpu_seconds();
  }
  course.window.begin = loop_.kernel().now().time_since_epoch();
  course.wire_window.begin = course.window.begin;
}

void BenchRunner::end_window(Course& course) {
  if (instruments_.machine != nullptr) {
    course.block.client_cpu_seconds += instruments_.machine->client_cpu_seconds();
  }
  course.wire_window.end = loop_.kernel().now().time_since_epoch();
  if (instruments_.wire != nullptr) instruments_.wire->end_block();
}

std::optional<Block> BenchRunner::finish() {
  if (!draining_) return std::nullopt;
  turn_until([this] { return has_drained(); }, drain_limit + slowest());
  auto course = std::move(draining_);
  Block block = std::move(course->block);
  demand_known_clock(*course, block.length);
  course->recorder.finish(course->first, course->last, course->window, block);
  add_received(*course, block);
  block.first_event = first_event(*course);
  block.flagged = is_noisy(block);
  dismiss(std::move(course));
  return block;
}

// A clock that is slewed goes wrong by at most 500 millionths.
void BenchRunner::demand_known_clock(const Course& course, std::chrono::nanoseconds length) const {
  const bool is_foreign = server_clock_.is_foreign();
  const auto slack = is_foreign ? course.clock_error + length / 1000 : 0ns;
  const auto asked = course.asked.time_since_epoch();
  if (!course.recorder.has_foreign_clock(course.first, asked, slack)) return;
  throw BenchFailure(
      "by what the server says, an event was sent after it came, or before one that is older: its "
      "clock " +
      std::string(is_foreign ? "has jumped since it was compared with ours" : "is not ours") +
      ", so that no latency can be told");
}

// The server shall forget the clients before the next block begins, those of long polls, too.
void BenchRunner::dismiss(std::unique_ptr<Course> course) const {
  Farewell* const farewell = instruments_.farewell;
  if (farewell != nullptr) farewell->close_by_reset(true);
  course.reset();
  if (farewell != nullptr) farewell->close_by_reset(false);
}

// Beside the packets stands what they brought.
void BenchRunner::add_received(const Course& course, Block& block) const {
  if (instruments_.wire != nullptr) block.wire = instruments_.wire->block();
  if (!block.wire) return;
  const auto received = course.recorder.received_within(course.wire_window);
  // An echo's event is sent before it comes.
  const double ways = measure::is_echo(arms_[block.arm].transport) ? 2 : 1;
  block.wire_payload = ways * static_cast<double>(received.bytes);
  block.wire_deliveries = received.count;
}

// Of the clients that got one, from when each connected.
std::optional<double> BenchRunner::first_event(const Course& course) const {
  std::vector<double> sample;
  for (std::size_t client = 0; client < options_.clients; ++client) {
    const auto received = course.recorder.first_received(client);
    if (!received) continue;
    const auto connected = course.connected.time_since_epoch() + course.arm->phase_of(client);
    sample.push_back(std::chrono::duration<double>(*received - connected).count());
  }
  if (sample.empty()) return std::nullopt;
  return measure::mean(sample);
}

std::vector<Block> BenchRunner::run_all(const std::vector<PlannedBlock>& planned) {
  std::vector<Block> blocks;
  const auto keep = [&blocks](std::optional<Block> block) {
    if (block) blocks.push_back(*std::move(block));
  };
  for (const PlannedBlock& each : planned) keep(run(each));
  keep(finish());
  return blocks;
}

}  // namespace duplex::tools

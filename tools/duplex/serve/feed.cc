// One stream of events over four transports.
#include "feed.h"

#include <algorithm>
#include <utility>

#include "duplex/http/conditional.h"
#include "query.h"

namespace duplex::tools {
namespace {

constexpr std::string_view text_plain = "text/plain; charset=utf-8";
constexpr http::Field no_store = {"Cache-Control", "no-store"};

// Absent is well; what is no number of an event is not.
bool has_right_after(std::string_view query) {
  const auto text = query_text(query, "after");
  return !text || parse_number(*text);
}

// For routes that go on after an event.
template <class Handler>
auto with_right_after(Handler handler) {
  return [handler](Exchange& exchange) {
    if (has_right_after(exchange.request().query)) return handler(exchange);
    exchange.respond(400, text_plain, "after: expected the id of an event, a whole number\n",
                     {no_store});
  };
}

}  // namespace

Feed::Feed(EventLoop& loop, Server& server, FeedOptions options)
    : loop_(loop),
      server_(server),
      options_(std::move(options)),
      schedule_(
          {.arrivals = options_.poisson ? measure::Arrivals::poisson : measure::Arrivals::periodic,
           .rate = options_.rate},
          measure::Random(options_.seed)),
      content_(options_.content, options_.event_size, options_.seed),
      ring_(ring_capacity(options_.history, options_.event_size)),
      readers_(server, ring_, options_.topic),
      link_(loop, options_.link_delay) {
  advance_schedule();
  skip_past();
  arm_schedule();
}

Feed::~Feed() {
  readers_.finish_streams();  // whose exchanges would tell this feed of their drain
  for (const TimerId timer : {schedule_timer_, push_timer_, sweep_timer_}) loop_.cancel(timer);
}

void Feed::add_routes() {
  server_.websocket(
      "/feed/ws",
      {.on_open = [this](Connection& peer,
                         const http::Request& request) { open_web_socket(peer, request); },
       .on_drain = [this](Connection& peer) { drained(peer); }},
      {.deflate = options_.deflate ? std::optional(websocket::DeflateOptions{}) : std::nullopt,
       .authorize = [](const http::Request& request) {
         return has_right_after(request.query) ? 101 : 400;
       }});
  server_.get("/feed/sse", with_right_after([this](Exchange& exchange) { open_stream(exchange); }));
  server_.get("/feed/lp", with_right_after([this](Exchange& exchange) { long_poll(exchange); }));
  server_.get("/feed/sp", with_right_after([this](Exchange& exchange) { short_poll(exchange); }));
  server_.get("/feed/latest", [this](Exchange& exchange) { latest(exchange); });
}

void Feed::on_push(std::function<void(std::string_view lines)> handler) {
  on_push_.push_back(std::move(handler));
}

std::string Feed::pushed_after(std::uint64_t id) const { return readers_.delivered_after(id); }

std::size_t Feed::listener_count() const noexcept { return readers_.count() + parked_.size(); }

void Feed::stop() {
  stopped_ = true;
  readers_.finish_streams();
  dismiss(std::exchange(parked_, {}));
}

// --- Generation ----------------------------------------------------------------------------------

void Feed::advance_schedule() { next_ = options_.start + schedule_.next(); }

void Feed::arm_schedule() {
  const auto delay = std::max(next_ - loop_.now(), net::Clock::duration::zero());
  schedule_timer_ = loop_.run_after(delay, [this] {
    catch_up();
    arm_schedule();
  });
}

// Nobody listens yet: what is due already is kept for those who ask for it.
void Feed::skip_past() {
  generate_due();
  readers_.skip_to(ring_.newest());
  first_pending_ = ring_.newest() + 1;
}

void Feed::generate_due() {
  const auto now = loop_.now();
  for (; next_ <= now; advance_schedule()) {
    // What waits would be forgotten. After a stall nothing waits: then the oldest are.
    if (push_timer_ != TimerId::none && pending_count() == ring_.capacity()) push_next();
    const std::uint64_t id = ring_.newest() + 1;
    ring_.push(encode_event({.id = id,
                             .generated = next_.time_since_epoch(),
                             .emitted = loop_.kernel().now().time_since_epoch()},
                            options_.event_size, content_.text(id)));
  }
}

void Feed::catch_up() {
  const std::uint64_t first = ring_.newest() + 1;
  generate_due();
  if (ring_.newest() < first) return;
  answer_parked(first);
  if (push_timer_ != TimerId::none) return;
  if (options_.coalesce.count() == 0) return push_pending();
  push_after(options_.coalesce);
}

// --- Push ----------------------------------------------------------------------------------------

void Feed::push_after(std::chrono::nanoseconds delay) {
  push_timer_ = loop_.run_after(delay, [this] {
    push_timer_ = TimerId::none;
    push_pending();
  });
}

void Feed::push_pending() {
  while (pending_count() > 0) {
    push_next();
    // What a turn of the loop sends to one client leaves in one write.
    if (options_.lone_writes && pending_count() > 0) return push_after({});
  }
}

void Feed::push_next() {
  const std::size_t size = options_.coalesce.count() == 0 ? 0 : options_.max_answer;
  const std::uint64_t first = std::max(first_pending_, ring_.oldest());
  const std::uint64_t last = ring_.last_within(first, ring_.newest(), size);
  first_pending_ = last + 1;
  push(ring_.lines(first, last), last);
}

void Feed::push(std::string_view lines, std::uint64_t last_id) {
  if (!link_.holds_back()) return deliver(lines, last_id);
  link_.pass([this, lines = std::string(lines), last_id] { deliver(lines, last_id); });
}

void Feed::deliver(std::string_view lines, std::uint64_t last_id) {
  readers_.deliver(lines, last_id);
  for (const auto& handler : on_push_) handler(lines);
}

void Feed::open_web_socket(Connection& peer, const http::Request& request) {
  catch_up();
  link_.pass([this, id = peer.id(), after = query_number(request.query, "after")] {
    readers_.add(id, after);
  });
}

void Feed::open_stream(Exchange& exchange) {
  catch_up();
  auto after = query_number(exchange.request().query, "after");
  if (const auto last = exchange.request().fields.find("Last-Event-ID")) {
    if (const auto id = parse_number(*last)) after = id;
  }
  link_.pass([this, id = exchange.id(), after] { begin_stream(id, after); });
}

void Feed::begin_stream(ExchangeId id, std::optional<std::uint64_t> after) {
  Exchange* const exchange = server_.find(id);
  if (exchange == nullptr) return;
  exchange->start_stream(200, "text/event-stream", {no_store});
  if (stopped_) {
    exchange->finish();
  } else {
    exchange->on_drain([this, id] { readers_.drained(id); });
    readers_.add(id, after);
  }
}

// --- Pull ----------------------------------------------------------------------------------------

// The rest is for the next poll, which comes after the last of these.
std::string Feed::answer_from(std::uint64_t first) const {
  if (first > ring_.newest()) return {};
  return ring_.lines(first, ring_.last_within(first, ring_.newest(), options_.max_answer));
}

void Feed::answer(ExchangeId id, int status, std::string_view lines) {
  if (!link_.holds_back()) return respond(id, status, lines);
  link_.pass([this, id, status, lines = std::string(lines)] { respond(id, status, lines); });
}

void Feed::respond(ExchangeId id, int status, std::string_view lines) {
  if (Exchange* const exchange = server_.find(id)) {
    exchange->respond(status, text_plain, lines, {no_store});
  }
}

void Feed::long_poll(Exchange& exchange) {
  link_.pass([this, id = exchange.id(), after = query_number(exchange.request().query, "after")] {
    park_or_answer(id, after);
  });
}

void Feed::park_or_answer(ExchangeId id, std::optional<std::uint64_t> after) {
  catch_up();
  if (after) {
    const std::uint64_t first = ring_.first_after(*after);
    if (first <= ring_.newest()) return answer(id, 200, answer_from(first));
  }
  if (stopped_) return answer(id, 204, {});
  parked_.push_back({.id = id, .deadline = loop_.now() + options_.poll_timeout});
  arm_sweep();
}

void Feed::short_poll(Exchange& exchange) {
  link_.pass([this, id = exchange.id(), after = query_number(exchange.request().query, "after")] {
    catch_up();
    // Who has seen nothing yet gets the newest event, to know where he is.
    const std::uint64_t first =
        after ? ring_.first_after(*after) : std::max<std::uint64_t>(ring_.newest(), 1);
    answer(id, 200, answer_from(first));
  });
}

// The state and not the story: RFC 9110 section 13.1.2 spares the body of who holds it already.
void Feed::latest(Exchange& exchange) {
  catch_up();
  const std::uint64_t newest = ring_.newest();
  const std::string tag = '"' + std::to_string(newest) + '"';
  const http::Field validator = {"ETag", tag};
  const http::Field ask_again = {"Cache-Control", "no-cache"};
  // There is no date to hold against If-Modified-Since: a tag is all.
  const auto condition = http::evaluate_preconditions(exchange.request(), {.etag = tag}, {});
  if (condition != http::Precondition::proceed) {
    const int status = condition == http::Precondition::failed ? 412 : 304;
    exchange.respond(status, {}, {}, {validator, ask_again});
    return;
  }
  exchange.respond(200, text_plain, newest == 0 ? std::string() : ring_.lines(newest, newest),
                   {validator, ask_again});
}

void Feed::answer_parked(std::uint64_t first) {
  if (parked_.empty()) return;
  const std::string lines = answer_from(std::max(first, ring_.oldest()));
  // Answering may let a next request in, which parks itself: only those parked now are answered.
  for (const Parked& parked : std::exchange(parked_, {})) {
    answer(parked.id, 200, lines);
  }
}

void Feed::arm_sweep() {
  if (sweep_timer_ != TimerId::none || parked_.empty()) return;
  sweep_timer_ = loop_.run_after(parked_.front().deadline - loop_.now(), [this] {
    sweep_timer_ = TimerId::none;
    sweep_parked();
    arm_sweep();
  });
}

void Feed::sweep_parked() {
  const auto now = loop_.now();
  const auto waiting = std::find_if(parked_.begin(), parked_.end(),
                                    [now](const Parked& parked) { return parked.deadline > now; });
  std::vector<Parked> due(parked_.begin(), waiting);
  parked_.erase(parked_.begin(), waiting);
  dismiss(due);
}

void Feed::dismiss(const std::vector<Parked>& polls) {
  for (const Parked& parked : polls) {
    answer(parked.id, 204, {});
  }
}

}  // namespace duplex::tools

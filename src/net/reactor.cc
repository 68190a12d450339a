// The turn of the event loop, and what is requested of it.
#include "net/reactor.h"

#include <algorithm>
#include <cassert>
#include <cerrno>

#include "net/error.h"

namespace duplex::net {

using std::chrono::nanoseconds;

namespace {

constexpr std::uint32_t no_slot = 0xffffffff;
constexpr std::uint32_t last_generation = 0xffffffff;
// So many timers may fire before descriptors are looked at again.
constexpr int timers_per_turn = 1000;
constexpr nanoseconds for_ever(-1);
constexpr Clock::time_point never = Clock::time_point::max();
// Among the requests: no id means that, for its slot cannot exist.
constexpr WatchId everybody{~std::uint64_t{0}};
// Turns that follow each other as closely are those of a busy loop, which saves looks at the clock.
constexpr nanoseconds close_together = std::chrono::milliseconds(10);
// While no deadline is nearer than this.
constexpr nanoseconds distant = std::chrono::seconds(1);
// A turn that is later for a deadline comes from a loop that did not listen.
constexpr nanoseconds tolerated = std::chrono::milliseconds(100);
// From one excuse to the next, or a loop that is always late would never judge anybody.
constexpr nanoseconds attentive = std::chrono::seconds(1);

std::uint32_t slot_of(WatchId id) noexcept { return static_cast<std::uint32_t>(id); }
std::uint32_t generation_of(WatchId id) noexcept {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(id) >> 32);
}
WatchId make_id(std::uint32_t generation, std::uint32_t slot) noexcept {
  return static_cast<WatchId>(std::uint64_t{generation} << 32 | slot);
}

}  // namespace

Reactor::Reactor(Kernel& kernel, EventLoopOptions options)
    : kernel_(kernel),
      epoll_(kernel, value_or_throw(kernel.epoll_create(), "epoll_create")),
      eventfd_(kernel, value_or_throw(kernel.eventfd(), "eventfd")),
      mailbox_(std::make_shared<Mailbox>(kernel, eventfd_.fd())),
      now_(kernel.now()),
      looked_(now_),
      first_free_(no_slot),
      ready_(static_cast<std::size_t>(std::max(options.max_events, 1))),
      listened_(now_),
      excused_(now_ - attentive),
      slow_turn_(options.slow_turn > nanoseconds(0) ? options.slow_turn : nanoseconds::max()),
      glance_(std::min(slow_turn_, distant / 2)),
      closely_(std::min(slow_turn_, close_together)),
      receive_memory_(std::make_unique_for_overwrite<std::byte[]>(options.receive_buffer_size +
                                                                  2 * receive_margin)),
      receive_buffer_(receive_memory_.get() + receive_margin, options.receive_buffer_size) {
  for (auto* requests : {&flushes_, &resumes_, &running_}) requests->reserve(1);
  const auto watched = watch(eventfd_.fd(), Ready::in, *this);
  if (!watched) throw std::system_error(watched.error(), "epoll_ctl");
}

Reactor::~Reactor() {
  assert(!turning_);
  mailbox_->close();
  destroy_buried();
}

// --- Descriptors ---------------------------------------------------------------------------------

std::uint32_t Reactor::take_slot() {
  if (first_free_ != no_slot) {
    const std::uint32_t slot = first_free_;
    first_free_ = watches_[slot].next_free;
    return slot;
  }
  watches_.emplace_back();
  return static_cast<std::uint32_t>(watches_.size() - 1);
}

void Reactor::free_slot(std::uint32_t slot) noexcept {
  Watch& watch = watches_[slot];
  watch.handler = nullptr;
  // A slot whose generations are used up is retired, so that no id ever means two descriptors.
  if (++watch.generation == last_generation) return;
  watch.next_free = first_free_;
  first_free_ = slot;
}

Reactor::Watch* Reactor::find(WatchId id) noexcept {
  const std::uint32_t slot = slot_of(id);
  if (slot >= watches_.size()) return nullptr;
  Watch& watch = watches_[slot];
  return watch.generation == generation_of(id) ? &watch : nullptr;
}

Result<WatchId, std::error_code> Reactor::watch(int fd, std::uint32_t interest,
                                                ReadyHandler& handler) {
  std::uint32_t slot = 0;
  try {
    slot = take_slot();
  } catch (const std::bad_alloc&) {
    return Failure{std::make_error_code(std::errc::not_enough_memory)};
  }
  Watch& watch = watches_[slot];
  const WatchId id = make_id(watch.generation, slot);
  const Ready wanted = {.events = interest, .data = static_cast<std::uint64_t>(id)};
  const int result = kernel_.epoll_ctl(epoll_.fd(), EpollOperation::add, fd, wanted);
  if (result < 0) {
    free_slot(slot);
    return Failure{error_of(result)};
  }
  watch.handler = &handler;
  watch.interest = interest;
  watch.fd = fd;
  ++watched_count_;
  return id;
}

std::error_code Reactor::change_interest(WatchId id, std::uint32_t interest) {
  Watch* watch = find(id);
  if (watch == nullptr) return std::make_error_code(std::errc::bad_file_descriptor);
  if (watch->interest == interest) return {};
  const Ready wanted = {.events = interest, .data = static_cast<std::uint64_t>(id)};
  const int result = kernel_.epoll_ctl(epoll_.fd(), EpollOperation::modify, watch->fd, wanted);
  if (result < 0) return error_of(result);
  watch->interest = interest;
  return {};
}

void Reactor::unwatch(WatchId id) noexcept {
  const Watch* watch = find(id);
  if (watch == nullptr) return;
  static_cast<void>(kernel_.epoll_ctl(epoll_.fd(), EpollOperation::remove, watch->fd, {}));
  forget(id);
}

void Reactor::forget(WatchId id) noexcept {
  if (find(id) == nullptr) return;
  free_slot(slot_of(id));
  --watched_count_;
}

// --- The turn ------------------------------------------------------------------------------------

void Reactor::run() {
  if (take_stop()) return;
  disregard_time();
  while (turn(for_ever)) {
  }
}

void Reactor::stop() noexcept {
  stopped_.store(true, std::memory_order_release);
  static_cast<void>(kernel_.wake(eventfd_.fd()));
}

bool Reactor::turn(nanoseconds max_wait) {
  assert(!turning_);
  const nanoseconds wait = time_to_wait(max_wait);
  const int count = kernel_.epoll_wait(epoll_.fd(), ready_, wait);
  if (count < 0 && count != -EINTR) throw std::system_error(error_of(count), "epoll_wait");
  begin_turn(count, wait);
  turning_ = true;
  if (requested_) resumes_.swap(running_);
  for (int i = 0; i < count; ++i) dispatch(ready_[static_cast<std::size_t>(i)]);
  if (!running_.empty()) answer<&ReadyHandler::on_resume>();
  run_timers();
  if (requested_) finish_turn();
  turning_ = false;
  return !take_stop();
}

void Reactor::finish_turn() noexcept {
  if (tasks_due_) run_tasks();
  flushes_.swap(running_);
  answer<&ReadyHandler::on_flush>();
  destroy_buried();
  requested_ = !flushes_.empty() || !resumes_.empty();
}

nanoseconds Reactor::time_to_wait(nanoseconds max_wait) {
  if (requested_) return nanoseconds(0);
  nanoseconds left = for_ever;
  // What we know of the time is as old as the last turn was long, and trusting it would make timers
  // late after a slow handler. A busy loop does without a fresh look: something becomes ready soon,
  // and if not, the wait ends soon.
  const Clock::time_point next = next_deadline();
  if (busy_ && next - looked_ > distant) {
    left = glance_;
  } else {
    judge_turn(look_at_clock() - now_);
    if (next != never) left = std::max(next - looked_, nanoseconds(0));
  }
  if (max_wait < nanoseconds(0)) return left;
  return left < nanoseconds(0) ? max_wait : std::min(left, max_wait);
}

Clock::time_point Reactor::next_deadline() const noexcept {
  const auto next = timers_.empty() ? never : timers_.next();
  if (fair_timers_.empty() || fair_timers_.next() > never - missed_) return next;
  return std::min(next, fair_timers_.next() + missed_);
}

void Reactor::begin_turn(int count, nanoseconds waited) {
  const nanoseconds since = look_at_clock() - now_;
  busy_ = count > 0 && since < closely_;
  if (!busy_) judge_turn(since - waited);  // it took at least as long
  judged_ = false;
  now_ = looked_;
  listen_fairly(count);
}

// For the first deadline, and not excused yet for as much.
bool Reactor::is_late(Clock::time_point time) const noexcept {
  if (fair_timers_.empty() || time - missed_ - fair_timers_.next() <= tolerated) return false;
  return listened_ - missed_ >= excused_ + attentive;
}

void Reactor::listen_fairly(int count) noexcept {
  if (!busy_ && is_late(now_)) {
    missed_ += now_ - listened_;
    excused_ = now_ - missed_;
  }
  listened_ = now_;
  // An interrupted wait reports nothing, whatever is ready.
  const bool is_all = count >= 0 && static_cast<std::size_t>(count) < ready_.size();
  full_turns_ = is_all || full_turns_ > watched_count_ / ready_.size() ? 0 : full_turns_ + 1;
}

// Between turns it has not been seen yet what has come.
Clock::time_point Reactor::fair_now() noexcept {
  if (turning_) return now_ - missed_;
  const auto time = kernel_.now();
  if (!is_late(time)) listened_ = std::max(listened_, time);
  return listened_ - missed_;
}

void Reactor::judge_turn(nanoseconds length) noexcept {
  if (!std::exchange(judged_, true) && length > slow_turn_) {
    ++stats_.slow_turns;
    stats_.slow_time += length;
  }
}

void Reactor::dispatch(const Ready& ready) noexcept {
  const auto id = static_cast<WatchId>(ready.data);
  assert(slot_of(id) < watches_.size());
  const Watch& watch = watches_[slot_of(id)];
  // Unwatched by a handler earlier in this turn, or even watched anew?
  if (watch.generation != generation_of(id)) return;
  guard([handler = watch.handler, events = ready.events] { handler->on_ready(events); });
}

void Reactor::request(std::vector<WatchId>& requests, WatchId id) noexcept {
  requested_ = true;
  try {
    requests.push_back(id);
  } catch (const std::bad_alloc&) {
    requests.front() = everybody;  // there is room for one at least, and no room is left
  }
}

template <void (ReadyHandler::*call)()>
void Reactor::answer() noexcept {
  for (const WatchId id : running_) {
    if (id == everybody) answer_everybody<call>();
    const Watch* watch = find(id);
    if (watch != nullptr) guard([handler = watch->handler] { (handler->*call)(); });
  }
  running_.clear();
}

template <void (ReadyHandler::*call)()>
void Reactor::answer_everybody() noexcept {
  for (std::size_t slot = 0; slot < watches_.size(); ++slot) {
    ReadyHandler* const handler = watches_[slot].handler;
    if (handler != nullptr) guard([handler] { (handler->*call)(); });
  }
}

void Reactor::arm(Timer& timer, Clock::time_point deadline) {
  // Later than now(), so that a timer re-armed with 0 lets the descriptors have their turn.
  timers_.arm(timer, std::max(deadline, now() + nanoseconds(1)));
}

void Reactor::arm_fairly(Timer& timer, Clock::time_point deadline) {
  fair_timers_.arm(timer, std::max(deadline, fair_now() + nanoseconds(1)));
}

void Reactor::run_timers() noexcept {
  for (int left = timers_per_turn; left > 0; --left) {
    const bool due = !timers_.empty() && timers_.next() <= now_;
    const bool fairly_due =
        full_turns_ == 0 && !fair_timers_.empty() && fair_timers_.next() <= now_ - missed_;
    if (!due && !fairly_due) return;
    guard([heap = fairly_due ? &fair_timers_ : &timers_] { heap->fire_next(); });
  }
}

void Reactor::on_ready(std::uint32_t) {
  static_cast<void>(kernel_.clear_wake(eventfd_.fd()));
  tasks_due_ = requested_ = true;
}

void Reactor::run_tasks() noexcept {
  tasks_due_ = false;
  mailbox_->take(tasks_);
  for (Mailbox::Task& task : tasks_) {
    guard([call = std::move(task)] { call(); });
  }
  tasks_.clear();
}

void Reactor::bury(Mortal& mortal) noexcept {
  assert(mortal.next_buried_ == nullptr && &mortal != last_buried_);
  (last_buried_ != nullptr ? last_buried_->next_buried_ : first_buried_) = &mortal;
  last_buried_ = &mortal;
  requested_ = true;
}

void Reactor::destroy_buried() noexcept {
  while (first_buried_ != nullptr) {
    Mortal& mortal = *first_buried_;
    first_buried_ = mortal.next_buried_;
    if (first_buried_ == nullptr) last_buried_ = nullptr;
    guard([&] { mortal.destroy(); });
  }
}

void Reactor::on_exception(std::function<void(std::exception_ptr)> handler) {
  on_exception_ = std::move(handler);
}

void Reactor::report(std::exception_ptr exception) noexcept {
  if (!on_exception_) return;
  try {
    on_exception_(std::move(exception));
  } catch (...) {
    // Whoever handles failures has failed: there is nobody left to tell.
  }
}

}  // namespace duplex::net

// The clients of one process of `duplex load`.
#include "load_worker.h"

#include <algorithm>
#include <utility>

#include "../close_reason.h"
#include "../feed_event.h"
#include "load_message.h"

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

constexpr auto tick = 1ms;  // between looks at what is due
constexpr auto look_again = 10ms;
constexpr std::size_t header_room = 14;  // bytes of the largest frame header, RFC 6455 section 5.2

ClientOptions client_options(const LoadOptions& options) {
  ClientOptions client;
  client.connect_timeout = opening_patience;
  client.websocket.max_message_size =
      std::max(client.websocket.max_message_size, options.message_size);
  const std::size_t most = std::max<std::size_t>(options.outstanding + 1, 4);
  client.websocket.send_limit =
      std::max(client.websocket.send_limit, most * (options.message_size + header_room));
  // Nobody here needs to be told that a queue has drained.
  client.websocket.send_high_water = client.websocket.send_limit;
  return client;
}

double seconds(std::chrono::nanoseconds time) noexcept {
  return std::chrono::duration<double>(time).count();
}

std::uint64_t count_of(std::chrono::nanoseconds time) noexcept {
  return static_cast<std::uint64_t>(time.count());
}

}  // namespace

LoadWorker::LoadWorker(EventLoop& loop, const LoadOptions& options, std::uint64_t seed,
                       std::function<void()> on_ramp)
    : loop_(loop),
      options_(options),
      on_ramp_(std::move(on_ramp)),
      client_(loop, client_options(options)),
      peers_(options.connections),
      schedule_({.rate = options.message_rate > 0 ? options.message_rate : 1},
                measure::Random(seed)) {
  for (std::size_t i = peers_.size(); i-- != 0;) to_dial_.push_back(i);
  const auto stalled = static_cast<double>(peers_.size()) * options.stalled_share;
  for (std::size_t i = 0; i < static_cast<std::size_t>(stalled); ++i) peers_[i].stalled = true;
}

void LoadWorker::start() {
  start_ = now();
  credited_ = start_;
  open_due();
}

// --- Opening -------------------------------------------------------------------------------------

void LoadWorker::open_due() {
  if (stage_ >= Stage::patience) return;
  const bool at_once = options_.connect_rate <= 0;
  dial_credit_ += options_.connect_rate * seconds(now() - std::exchange(credited_, now()));
  while (!to_dial_.empty() && (at_once || dial_credit_ >= 1)) {
    dial_credit_ -= 1;
    const std::size_t index = to_dial_.back();
    to_dial_.pop_back();
    dial(index);
  }
  // What nobody could use is not saved up for a burst.
  if (to_dial_.empty()) dial_credit_ = std::min(dial_credit_, 1.0);
  loop_.run_after(tick, [this] { open_due(); });
}

void LoadWorker::dial(std::size_t index) {
  Peer& peer = peers_[index];
  ++dialing_count_;
  peer = {.dialed = now(), .stalled = peer.stalled};
  endpoint::ConnectOptions connect;
  if (options_.deflate) connect.deflate.emplace();
  peer.id = client_.connect(options_.url, handlers_for(index), connect);
}

ClientHandlers LoadWorker::handlers_for(std::size_t index) {
  ClientHandlers handlers;
  handlers.websocket.on_open = [this, index](Connection& connection, const auto& answered) {
    on_open(index, connection, answered);
  };
  handlers.websocket.on_message = [this, index](Connection& connection, Message message) {
    options_.feed ? on_events(peers_[index], message) : on_echo(index, connection, message);
  };
  handlers.websocket.on_pong = [this, index](Connection&, Bytes) { peers_[index].asked = false; };
  handlers.websocket.on_close = [this, index](Connection&, const CloseEvent& event) {
    on_close(index, event);
  };
  handlers.on_failure = [this](const OpeningFailure& failure) { on_failure(failure); };
  return handlers;
}

void LoadWorker::on_open(std::size_t index, Connection& connection, const http::Request& answered) {
  Peer& peer = peers_[index];
  peer.open = true;
  --dialing_count_;
  ++open_count_;
  tally_.most_open = std::max<std::uint64_t>(tally_.most_open, open_count_);
  ++tally_.opened;
  if (answered.fields.find("Sec-WebSocket-Extensions")) ++tally_.deflated;
  tally_.opening.record((now() - peer.dialed).count());
  if (peer.stalled) connection.pause_reading();
  const bool closed_loop = options_.message_rate <= 0 && sends();
  if (stage_ == Stage::load && closed_loop) {
    for (std::size_t i = 0; i < options_.outstanding; ++i) send(connection, peer, now());
  }
  count_recovery();
  check_ramp();
}

void LoadWorker::count_recovery() {
  if (storm_start_ == 0ns || open_count_ != peers_.size()) return;
  tally_.recovery_time = std::max(tally_.recovery_time, count_of(now() - storm_start_));
  storm_start_ = 0ns;
}

void LoadWorker::on_failure(const OpeningFailure& failure) {
  if (stage_ == Stage::over) return;
  --dialing_count_;
  if (tally_.failed++ == 0) tally_.failure = failure.message;
  check_ramp();
}

void LoadWorker::on_close(std::size_t index, const CloseEvent& event) {
  Peer& peer = peers_[index];
  if (peer.open) --open_count_;
  peer.open = false;
  if (stage_ == Stage::over) return;
  tally_.abandoned += peer.sent - peer.received;
  peer.received = peer.sent;
  tally_.lost += std::exchange(peer.passed_over, 0);
  if (!peer.leaving) {
    ++tally_.dropped;
    tally_.count_drop(static_cast<unsigned>(event.code), reason_of(event));
  } else if (stage_ == Stage::load) {
    to_dial_.push_back(index);
  }
}

void LoadWorker::check_ramp() {
  if (stage_ != Stage::ramp || tally_.opened + tally_.failed < peers_.size()) return;
  tally_.ramp_time = count_of(now() - start_);
  if (tally_.opened == 0) return finish();
  stage_ = Stage::load;
  on_ramp_();
  loop_.run_after(0ns, [this] { begin_load(); });
}

// --- The load ------------------------------------------------------------------------------------

void LoadWorker::begin_load() {
  load_start_ = now();
  loop_.run_after(options_.duration, [this] { begin_patience(); });
  const auto storm_gap = options_.duration / static_cast<std::int64_t>(options_.storms + 1);
  for (std::size_t i = 1; i <= options_.storms; ++i) {
    loop_.run_after(storm_gap * static_cast<std::int64_t>(i), [this] { reset_all(); });
  }
  if (!sends()) return;
  if (options_.message_rate > 0) {
    next_due_ = schedule_.next();
    return send_due();
  }
  for (Peer& peer : peers_) {
    Connection* const connection = client_.find(peer.id);
    for (std::size_t i = 0; connection != nullptr && i < options_.outstanding; ++i) {
      send(*connection, peer, now());
    }
  }
}

// The open loop: whatever is due goes out, however late, with the instant at which it was due.
void LoadWorker::send_due() {
  if (stage_ != Stage::load) return;
  const Nanoseconds elapsed = now() - load_start_;
  for (; next_due_ <= elapsed; next_due_ = schedule_.next()) {
    Peer& peer = peers_[next_peer_];
    next_peer_ = (next_peer_ + 1) % peers_.size();
    Connection* const connection = client_.find(peer.id);
    if (connection == nullptr || !peer.open) {
      ++tally_.skipped;
      continue;
    }
    tally_.late.record((elapsed - next_due_).count());
    send(*connection, peer, load_start_ + next_due_);
  }
  loop_.run_after(std::max<Nanoseconds>(next_due_ - elapsed, 0ns), [this] { send_due(); });
}

void LoadWorker::send(Connection& connection, Peer& peer, Nanoseconds due) {
  encode_load_message({.sequence = peer.sent, .due = due}, options_.message_size, text_);
  const SendStatus status =
      options_.binary ? connection.send_binary(as_bytes(text_)) : connection.send_text(text_);
  if (status == SendStatus::refused) {
    ++tally_.refused;
    return;
  }
  ++peer.sent;
  ++tally_.sent;
}

void LoadWorker::on_echo(std::size_t index, Connection& connection, Message message) {
  Peer& peer = peers_[index];
  const auto echo = decode_load_message(message.text());
  ++tally_.received;
  // A number that was never sent is as wrong as any other byte.
  const bool is_ours = echo && echo->sequence < peer.sent;
  if (!is_ours || message.payload.size() != options_.message_size) {
    ++tally_.corrupt;
    return;
  }
  take_number(peer, echo->sequence);
  tally_.latency.record((now() - echo->due).count());
  if (stage_ != Stage::load) return;
  if (options_.messages_per_visit != 0 && peer.received >= options_.messages_per_visit) {
    return end_visit(connection, peer);
  }
  if (options_.message_rate <= 0) send(connection, peer, now());
}

// What comes after all was not lost. What comes twice may hide a loss then, but not itself.
void LoadWorker::take_number(Peer& peer, std::uint64_t sequence) {
  if (sequence >= peer.received) {
    peer.passed_over += sequence - peer.received;
    peer.received = sequence + 1;
    return;
  }
  ++tally_.misplaced;
  if (peer.passed_over != 0) --peer.passed_over;
}

void LoadWorker::end_visit(Connection& connection, Peer& peer) {
  peer.leaving = true;
  connection.close();
}

// Several events may have been coalesced into one message.
void LoadWorker::on_events(Peer& peer, Message message) {
  if (stage_ != Stage::load) return;
  for_each_line(message.text(), [&](std::string_view line) { on_event(peer, line); });
}

void LoadWorker::on_event(Peer& peer, std::string_view line) {
  ++tally_.received;
  const auto event = decode_event(line);
  if (!event) {
    ++tally_.corrupt;
    return;
  }
  if (peer.last_event != 0 && event->id <= peer.last_event) ++tally_.misplaced;
  if (peer.last_event != 0 && event->id > peer.last_event + 1) {
    tally_.lost += event->id - peer.last_event - 1;
  }
  peer.last_event = event->id;
  tally_.latency.record((now() - event->generated).count());
}

void LoadWorker::reset_all() {
  if (stage_ != Stage::load) return;
  if (storm_start_ != 0ns) ++tally_.unrecovered;
  storm_start_ = now();
  for (Peer& peer : peers_) {
    Connection* const connection = client_.find(peer.id);
    if (connection == nullptr || !peer.open) continue;
    peer.leaving = true;
    connection->abort();
  }
}

// --- The end -------------------------------------------------------------------------------------

void LoadWorker::interrupt() {
  if (!wishes_.hear(loop_.now())) return;
  if (stage_ == Stage::load) return begin_patience();
  wait_no_longer();
  finish();
}

// Who is in a hurry cannot say that anything was late.
void LoadWorker::wait_no_longer() {
  for (Peer& peer : peers_) {
    tally_.abandoned += peer.sent - peer.received;
    peer.received = peer.sent;
    peer.asked = false;
  }
}

void LoadWorker::begin_patience() {
  if (stage_ != Stage::load) return;
  stage_ = Stage::patience;
  tally_.measured_time = count_of(now() - load_start_);
  loop_.run_after(options_.patience, [this] { finish(); });
  if (!sends() && options_.patience > 0ns) ask_all();
  check_patience();
}

// No echo shows that somebody is there.
void LoadWorker::ask_all() {
  for (Peer& peer : peers_) {
    Connection* const connection = client_.find(peer.id);
    if (connection == nullptr || !is_waited_for(peer)) continue;
    connection->ping();
    peer.asked = true;
  }
}

void LoadWorker::check_patience() {
  if (stage_ != Stage::patience) return;
  if (under_way() + silent() == 0) return finish();
  loop_.run_after(look_again, [this] { check_patience(); });
}

// Messages that connections which are still open have not echoed.
std::uint64_t LoadWorker::under_way() const noexcept {
  std::uint64_t count = 0;
  for (const Peer& peer : peers_) {
    if (is_waited_for(peer)) count += peer.sent - peer.received;
  }
  return count;
}

std::uint64_t LoadWorker::silent() const noexcept {
  return static_cast<std::uint64_t>(
      std::count_if(peers_.begin(), peers_.end(),
                    [](const Peer& peer) { return peer.asked && is_waited_for(peer); }));
}

void LoadWorker::finish() {
  if (stage_ == Stage::over) return;
  stage_ = Stage::over;
  tally_.silent = silent();
  tally_.overdue = under_way();
  for (const Peer& peer : peers_) {
    tally_.lost += peer.passed_over;
    if (!is_waited_for(peer)) tally_.abandoned += peer.sent - peer.received;
  }
  if (storm_start_ != 0ns) ++tally_.unrecovered;
  tally_.open_at_end = open_count_;
  tally_.opening_at_end = to_dial_.size() + dialing_count_;
  loop_.stop();
}

}  // namespace duplex::tools

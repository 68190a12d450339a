// One case on one connection, without the connection: what to do next.
#include "case_run.h"

#include <algorithm>
#include <utility>

#include "sent_size.h"

namespace duplex::tools::suite {
namespace {

Script write_script(const Case& item, const Setting& setting) {
  Script script(setting.role);
  item.write(script);
  if (setting.limit) allow_limit(script, *setting.limit);
  return script;
}

// Slow cases are about what ends a connection on which nothing comes: common limits are 10 s.
constexpr milliseconds slow_patience(12000);

milliseconds patience_for(const Case& item, const Setting& setting) {
  if (item.load == Load::slow) return std::max(setting.timeout, slow_patience);
  return item.load == Load::light ? setting.timeout : 6 * setting.timeout;
}

// RFC 9112 section 3 names no limit of a head; what servers send is far below this one.
constexpr std::size_t largest_head = 65536;
// What a server may say to a request that it should refuse, before it is judged by that.
constexpr std::size_t largest_answers = std::size_t{1} << 20;

// What a peer may say beyond what a case expects, so that it can be told what it was.
constexpr std::size_t excess = std::size_t{1} << 20;

std::size_t largest_item(const Script& script) {
  std::size_t largest = 0;
  for (const Outcome& outcome : script.outcomes()) {
    for (const Expected& expected : outcome.items) {
      largest = std::max(largest, expected.item.payload.size());
    }
  }
  return largest;
}

std::size_t size_of_right_items(const Script& script) {
  std::size_t size = 0;
  for (const Expected& expected : script.outcomes().front().items) {
    size += sizeof(Item) + expected.item.payload.size();
  }
  return size;
}

// A case that goes on and on, however alive, is over after so many times its patience.
constexpr int longest = 6;

}  // namespace

CaseRun::CaseRun(const Case& item, const Setting& setting, Clock::time_point now)
    : item_(item),
      setting_(setting),
      script_(write_script(item, setting)),
      matches_(script_.outcomes().begin(), script_.outcomes().end()),
      largest_answer_(largest_item(script_) + excess),
      reader_(setting.role, largest_answer_),
      item_room_(size_of_right_items(script_) + excess),
      start_(now),
      active_(now),
      patience_(patience_for(item, setting)),
      end_(now + longest * patience_) {
  if (setting.role == Role::client) put_request();
}

std::chrono::microseconds CaseRun::since_start(Clock::time_point now) const {
  return std::chrono::duration_cast<std::chrono::microseconds>(now - start_);
}

// --- Bytes -------------------------------------------------------------------------------------

std::string_view CaseRun::output() const noexcept {
  const std::string_view rest = std::string_view(out_).substr(out_at_);
  if (out_piece_ == 0) return rest;
  return rest.substr(0, out_piece_ - out_at_ % out_piece_);
}

void CaseRun::written(std::size_t size, Clock::time_point now) {
  active_ = now;
  out_at_ += size;
  next_piece_ = now + out_pace_;
  if (out_at_ == out_.size()) clear_output();
}

void CaseRun::put(std::string bytes, std::size_t piece, milliseconds pace) {
  transcript_.add(Transcript::Direction::sent, bytes, since_start(active_));
  out_ = std::move(bytes);
  out_piece_ = piece;
  out_pace_ = pace;
}

void CaseRun::received(std::string_view bytes, Clock::time_point now) {
  if (phase_ == Phase::over) return;
  active_ = now;
  transcript_.add(Transcript::Direction::received, bytes, since_start(now));
  if (phase_ == Phase::script) {
    receive_frames(bytes);
  } else {
    receive_head(bytes);
  }
}

void CaseRun::receive_frames(std::string_view bytes) {
  const bool had_closed = has_closed();
  const std::size_t had_items = item_count_;
  reader_.receive(bytes);
  for (Item& item : reader_.take_items()) take(std::move(item));
  // Nothing can become right any more; see how it ends.
  if (had_items != item_count_ && !may_still_match()) {
    end_ = std::min(end_, active_ + setting_.quiet);
  }
  if (had_closed || !has_closed()) return;
  closed_at_step_ = step_;
  end_ = std::min(end_, active_ + setting_.timeout);
  constexpr std::size_t worth_finishing = 65536;
  if (out_.size() - out_at_ <= worth_finishing) return;
  close_sent_ = true;  // in the middle of a frame there is no way to answer
  clear_output();
}

void CaseRun::take(Item item) {
  for (OutcomeMatch& match : matches_) match.take(item);
  ++item_count_;
  const std::size_t size = sizeof(Item) + item.payload.size();
  // Those that are kept are the first ones, without a gap.
  item_room_ = size <= item_room_ ? item_room_ - size : 0;
  if (item_room_ != 0) items_.push_back(std::move(item));
}

void CaseRun::clear_output() noexcept {
  out_.clear();
  out_at_ = 0;
}

void CaseRun::half_closed(Clock::time_point now) { active_ = now; }

void CaseRun::peer_ended(Clock::time_point now) {
  active_ = now;
  peer_ended_ = true;
  if (!closed_at_step_) closed_at_step_ = step_;
  clear_output();  // nobody reads it any more
}

// No byte of what waits to be written has left.
void CaseRun::not_connected(std::string problem) {
  no_connection_ = std::move(problem);
  transcript_ = {};
  clear_output();
  phase_ = Phase::over;
}

// --- Opening -----------------------------------------------------------------------------------

void CaseRun::put_request() {
  const Opening& opening = script_.opening();
  std::string request = write_request(opening, setting_.place);
  request_ = read_head(request).value_or(HttpHead{});
  if (opening.glued) request += script_.steps().at(step_++).bytes;
  put(std::move(request), opening.piece, opening.pace);
  if (opening.wanted != Opening::Wanted::open) phase_ = Phase::answers;
}

void CaseRun::receive_head(std::string_view bytes) {
  http_ += bytes;
  if (phase_ == Phase::answers) return;
  if (setting_.role == Role::client && !may_be_answer(http_)) problem_ = not_http;
  const auto head = read_head(http_);
  if (!head && http_.size() > largest_head) problem_ = "sent a head of more than 64 KiB";
  if (!head || !problem_.empty()) return;
  if (setting_.role == Role::server) return take_request(*head);
  // RFC 9110 section 15.2: interim answers come before the one that counts.
  if (head->status() / 100 == 1 && head->status() != 101) {
    http_.erase(0, head->size);
    return receive_head({});
  }
  take_response(*head);
}

void CaseRun::take_response(const HttpHead& head) {
  opened_ = head.status() == 101;
  const Agreement agreement = judge_response(head, request_);
  problem_ = agreement.problem;
  if (script_.opening().must_decline && head.status() == 101 &&
      head.count("sec-websocket-extensions") != 0) {
    problem_ = "agreed to an offer that it must decline (RFC 7692 7.1)";
  }
  extensions_ = head.value("sec-websocket-extensions");
  agree(was_agreed(script_.opening().needed_parameter) ? agreement.deflate : std::nullopt);
  open(std::string_view(http_).substr(head.size));
}

void CaseRun::take_request(const HttpHead& head) {
  opened_ = true;
  problem_ = judge_request(head);
  Answer answer = suite::answer_request(head, script_.opening());
  agree(answer.deflate);
  if (script_.opening().glued) answer.bytes += script_.steps().at(step_++).bytes;
  put(std::move(answer.bytes), script_.opening().piece, script_.opening().pace);
  open(std::string_view(http_).substr(head.size));
}

void CaseRun::open(std::string_view rest) {
  phase_ = Phase::script;
  receive_frames(rest);
}

void CaseRun::agree(const std::optional<DeflateTerms>& terms) {
  if (!terms) {
    unimplemented_ = script_.needs_compression();
    return;
  }
  const Direction server = {.context_takeover = !terms->server_no_context_takeover,
                            .window_bits = terms->server_window_bits};
  const Direction client = {.context_takeover = !terms->client_no_context_takeover,
                            .window_bits = terms->client_window_bits};
  const bool is_client = setting_.role == Role::client;
  inflater_ = std::make_unique<Inflater>(is_client ? server : client, largest_answer_);
  deflater_ = std::make_unique<Deflater>(is_client ? client : server);
  reader_.allow_compression(
      [this](std::string_view payload) { return inflater_->message(payload); });
}

// --- What to do next ---------------------------------------------------------------------------

Clock::time_point CaseRun::deadline(Clock::time_point now) const noexcept {
  Clock::time_point earliest = std::min(end_, active_ + patience_);
  for (const auto quiet : {active_ + setting_.quiet, active_ + long_quiet()}) {
    if (now < quiet) earliest = std::min(earliest, quiet);
  }
  // While the peer does not take what is to be written, the script stands still.
  if (pause_end_ && out_.empty()) earliest = std::min(earliest, *pause_end_);
  if (!out_.empty() && now < next_piece_) earliest = std::min(earliest, next_piece_);
  return earliest;
}

bool CaseRun::is_quiet(Clock::time_point now) const noexcept {
  return now >= active_ + setting_.quiet;
}

CaseRun::Next CaseRun::over() {
  phase_ = Phase::over;
  return Next::finish;
}

CaseRun::Next CaseRun::next(Clock::time_point now) {
  if (phase_ == Phase::over) return Next::finish;
  if (!problem_.empty() || !reader_.violation().empty()) return over();
  if (now >= end_ || now >= active_ + patience_) {
    timed_out_ = true;
    return over();
  }
  if (!out_.empty()) return now < next_piece_ ? Next::wait : Next::write;
  if (phase_ == Phase::script) return run_script(now);
  if (phase_ == Phase::answers) return run_answers(now);
  return peer_ended_ ? over() : Next::wait;
}

// As far as can be waited for.
bool CaseRun::is_answered() const {
  const auto answers = read_answers(http_);
  const std::size_t wanted = script_.opening().wanted == Opening::Wanted::in_step ? 2 : 1;
  if (answers.size() < wanted) return false;
  return answers.back().status() >= 200 || answers.back().status() == 101;
}

CaseRun::Next CaseRun::run_answers(Clock::time_point now) {
  const bool is_judged = http_.starts_with("HTTP/1.1 101") || http_.size() > largest_answers;
  if (peer_ended_ || is_judged || !may_be_answer(http_)) return over();
  if (!is_quiet(now)) return Next::wait;
  return script_.opening().may_wait || is_answered() ? over() : Next::wait;
}

CaseRun::Next CaseRun::run_script(Clock::time_point now) {
  if (unimplemented_) return over();
  std::string pongs;
  for (std::string& payload : reader_.take_pings()) {
    pongs += encode(pong_frame(std::move(payload)), setting_.role);
  }
  if (!pongs.empty()) put(std::move(pongs));
  while (out_.empty() && !has_closed() && step_ < script_.steps().size()) {
    if (const auto next = run_step(script_.steps()[step_], now)) return *next;
  }
  return out_.empty() ? end_conversation(now) : Next::write;
}

// What the step asks for, or nothing when it is done.
std::optional<CaseRun::Next> CaseRun::run_step(const Step& step, Clock::time_point now) {
  if (step.kind == Step::Kind::await && item_count_ < step.count) return Next::wait;
  if (step.kind == Step::Kind::pause) return run_pause(step, now);
  ++step_;
  if (step.kind == Step::Kind::send) put(step.bytes, step.piece);
  if (step.kind == Step::Kind::message) put_message(step);
  if (step.kind == Step::Kind::half_close) {
    half_closed_ = true;
    return Next::half_close;
  }
  if (step.kind == Step::Kind::reset) {
    reset_ = true;
    phase_ = Phase::over;
    return Next::reset;
  }
  return std::nullopt;
}

std::optional<CaseRun::Next> CaseRun::run_pause(const Step& step, Clock::time_point now) {
  if (!pause_end_) pause_end_ = now + step.time;
  if (now < *pause_end_) return Next::wait;
  pause_end_.reset();
  ++step_;
  return std::nullopt;
}

void CaseRun::put_message(const Step& step) {
  std::string payload = deflater_->message(step.item.payload);
  const unsigned code = step.item.kind == Item::Kind::text ? opcode::text : opcode::binary;
  const std::size_t size = step.piece == 0 ? std::max<std::size_t>(payload.size(), 1) : step.piece;
  std::string bytes;
  for (std::size_t at = 0; at < payload.size(); at += size) {
    Frame frame = part(at == 0 ? code : opcode::continuation, payload.substr(at, size),
                       at + size >= payload.size());
    frame.rsv = at == 0 ? 4 : 0;
    bytes += encode(frame, setting_.role);
  }
  put(std::move(bytes));
}

void CaseRun::put_close(unsigned code) {
  close_sent_ = true;
  Frame frame = close_frame(code);
  if (code == 1005) frame.payload.clear();
  put(encode(frame, setting_.role));
}

// The script is done, or the peer has closed.
CaseRun::Next CaseRun::end_conversation(Clock::time_point now) {
  if (peer_ended_) return over();
  const bool we_have_closed = close_sent_ || script_.sends_close();
  if (reader_.close_code() && !we_have_closed && !half_closed_) {
    put_close(*reader_.close_code());
    return Next::write;
  }
  // RFC 6455 section 7.1.1: the server is the first to end TCP.
  if (reader_.close_code() && setting_.role == Role::server && !half_closed_) {
    half_closed_ = true;
    return Next::half_close;
  }
  if (!we_have_closed && !half_closed_ && may_close(now)) {
    we_close_first_ = true;
    put_close(1000);
    return Next::write;
  }
  return is_left_open(now) ? over() : Next::wait;
}

// An outcome with that ending has all its items. A busy peer may need a while for the right one;
// only then another one counts.
bool CaseRun::any_outcome(Ending::Kind kind, Clock::time_point now) const {
  for (std::size_t i = 0; i < matches_.size(); ++i) {
    const bool in_time = i == 0 || now >= active_ + long_quiet();
    if (in_time && script_.outcomes()[i].ending.kind == kind && items_match(i)) return true;
  }
  return false;
}

bool CaseRun::may_close(Clock::time_point now) const {
  return any_outcome(Ending::Kind::closed_by_us, now);
}

bool CaseRun::is_left_open(Clock::time_point now) const {
  return is_quiet(now) && any_outcome(Ending::Kind::open, now);
}

}  // namespace duplex::tools::suite

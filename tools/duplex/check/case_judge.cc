// One case on one connection, without the connection: what is to be thought of it.
#include <algorithm>

#include "case_run.h"

namespace duplex::tools::suite {
namespace {

Verdict close_verdict(std::string_view behavior_close) {
  if (behavior_close == "OK") return Verdict::ok;
  return behavior_close == "UNCLEAN" ? Verdict::non_strict : Verdict::failed;
}

std::string list_of(const std::vector<unsigned>& codes) {
  std::string text;
  for (const unsigned code : codes) {
    text += (text.empty() ? "" : " or ") + (code == 1005 ? "empty" : std::to_string(code));
  }
  return text;
}

std::string describe(const Ending& ending) {
  switch (ending.kind) {
    case Ending::Kind::closed_by_us:
      return "Close " + list_of(ending.codes) + " in answer to ours";
    case Ending::Kind::closed_by_peer:
      return "Close " + list_of(ending.codes);
    case Ending::Kind::dropped:
      return "the end of the connection";
    case Ending::Kind::open:
      break;
  }
  return "an open connection";
}

// At most four of `count` items, the first of which are in the list, and how many more there are.
template <class List, class Describe>
std::string join_some(const List& list, std::size_t count, Describe describe_one) {
  const std::size_t shown = std::min<std::size_t>(list.size(), 4);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) text += describe_one(list[i]) + ", ";
  if (count > shown) text += std::to_string(count - shown) + " more, ";
  return text;
}

std::string describe_expected_item(const Expected& expected) {
  const std::string item = suite::describe(expected.item);
  if (expected.max == 1) return item;
  return std::to_string(expected.min) + " to " + std::to_string(expected.max) + " × " + item;
}

std::string describe(const Outcome& outcome) {
  std::string text = join_some(outcome.items, outcome.items.size(), describe_expected_item);
  text += describe(outcome.ending);
  if (outcome.before_step) text += ", at once";
  return text;
}

std::string describe_status(const std::vector<HttpHead>& answers) {
  std::string text = join_some(answers, answers.size(),
                               [](const HttpHead& head) { return printable(head.start_line); });
  return text.empty() ? "no answer, " : text;
}

std::string describe_difference(std::string_view expected, std::string_view got) {
  const auto same = std::mismatch(expected.begin(), expected.end(), got.begin(), got.end()).first;
  const auto size = static_cast<std::size_t>(same - expected.begin());
  const auto rest = [size](std::string_view payload) {
    return payload.size() == size ? "the end" : hex(payload.substr(size, 8));
  };
  return "differs after " + std::to_string(size) + " bytes: " + rest(got) + " instead of " +
         rest(expected);
}

// Of the first item that is not as it should be, if only its bytes are not.
std::string first_difference(const std::vector<Expected>& expected, const std::vector<Item>& got) {
  for (std::size_t i = 0; i < std::min(expected.size(), got.size()); ++i) {
    const Item& item = expected[i].item;
    if (expected[i].max != 1 || item.kind != got[i].kind) break;
    if (item == got[i]) continue;
    return "item " + std::to_string(i + 1) + " " +
           describe_difference(item.payload, got[i].payload);
  }
  return {};
}

template <class Predicate>
bool any_answer(const std::vector<HttpHead>& answers, Predicate predicate) {
  return std::any_of(answers.begin(), answers.end(), predicate);
}

bool has_opened(const HttpHead& head) { return head.status() == 101; }

// Whether what comes is HTTP, and no frames behind it.
bool is_about_http(Opening::Wanted wanted) {
  return wanted != Opening::Wanted::open && wanted != Opening::Wanted::failure;
}

bool has_field(const std::vector<HttpHead>& answers, const std::string& name) {
  return !name.empty() && any_answer(answers, [field = lower_case(name)](const HttpHead& head) {
    return head.count(field) != 0;
  });
}

}  // namespace

std::string describe(const Item& item) {
  const std::string_view kind = item.kind == Item::Kind::text     ? "text"
                                : item.kind == Item::Kind::binary ? "binary"
                                                                  : "pong";
  std::string text = std::string(kind) + " of " + std::to_string(item.payload.size()) + " bytes";
  if (item.payload.empty()) return text;
  return text + " (" + show_bytes(item.payload, item.payload.size(), 12) + ")";
}

Verdict CaseResult::verdict() const noexcept {
  return std::max(behavior, close_verdict(behavior_close));
}

CaseResult CaseRun::result(Clock::time_point now) const {
  CaseResult result;
  result.id = item_.id;
  result.duration = std::chrono::duration_cast<milliseconds>(now - start_);
  result.remote_close_code = reader_.close_code().value_or(0);
  result.opened = opened_;
  result.transcript = transcript_;
  result.dropped = is_dropped();
  if (!no_connection_.empty()) {
    result.problem = no_connection_;
  } else if (is_about_http(script_.opening().wanted)) {
    judge_refusal(result);
  } else {
    judge_frames(result);
  }
  result.behavior_close = judge_failure(result);
  // The end of TCP may still be found to be no answer.
  if (result.verdict() != Verdict::ok || result.dropped) {
    result.expected = describe_expected();
    result.got = no_connection_.empty() ? describe_received() : "no connection";
  }
  return result;
}

// What a failure leaves of the end: without a Close frame that was not as it should be, either.
std::string CaseRun::judge_failure(const CaseResult& result) const {
  const bool is_settled = result.behavior != Verdict::failed || result.behavior_close != "OK";
  const bool is_http = is_about_http(script_.opening().wanted) && !http_.empty();
  if (is_settled || is_http || reader_.close_code()) return result.behavior_close;
  return peer_ended_ ? "UNCLEAN" : "FAILED";
}

// A server that falls over looks like that.
bool CaseRun::is_dropped() const {
  if (!peer_ended_ || reader_.close_code()) return false;
  if (!is_about_http(script_.opening().wanted)) return true;
  const std::size_t wanted = script_.opening().wanted == Opening::Wanted::in_step ? 2 : 1;
  return read_answers(http_).size() < wanted;
}

// --- Frames ------------------------------------------------------------------------------------

bool CaseRun::may_still_match() const {
  return std::any_of(matches_.begin(), matches_.end(),
                     [](const OutcomeMatch& match) { return match.possible(); });
}

bool CaseRun::in_time(const Outcome& outcome) const {
  if (!outcome.before_step) return true;
  return closed_at_step_ && *closed_at_step_ < *outcome.before_step;
}

// In Autobahn's words.
std::string CaseRun::judge_ending(const Ending& ending) const {
  const bool ended = peer_ended_ || reset_;
  if (ending.kind == Ending::Kind::dropped) return ended ? "OK" : "FAILED";
  if (ending.kind == Ending::Kind::open) return ended || reader_.close_code() ? "FAILED" : "OK";
  if (ending.kind == Ending::Kind::closed_by_us && !we_close_first_) return "FAILED";
  return judge_close(ending);
}

std::string CaseRun::judge_close(const Ending& ending) const {
  if (!reader_.close_code()) return peer_ended_ ? "UNCLEAN" : "FAILED";
  const auto& codes = ending.codes;
  if (std::find(codes.begin(), codes.end(), *reader_.close_code()) == codes.end()) {
    return "WRONG CODE";
  }
  // A client may leave it to us.
  return peer_ended_ || setting_.role == Role::server ? "OK" : "UNCLEAN";
}

void CaseRun::judge_frames(CaseResult& result) const {
  result.problem = problem_.empty() ? reader_.violation() : problem_;
  if (result.problem.empty() && !opened_) {
    result.problem = peer_ended_ ? "ended TCP before the opening was over"
                                 : "did not answer the opening in time";
  }
  if (!result.problem.empty()) {
    const bool refused = !opened_ && !timed_out_ && may_be_answer(http_);
    if (refused) result.behavior = script_.opening().if_refused;
    return;
  }
  if (unimplemented_) {
    result.behavior = Verdict::unimplemented;
    result.problem = "the peer does not speak permessage-deflate as this case needs it";
    return;
  }
  const Outcome* chosen = nullptr;
  for (std::size_t i = 0; i < matches_.size(); ++i) {
    const Outcome& outcome = script_.outcomes()[i];
    if (!items_match(i) || !in_time(outcome) || !was_agreed(outcome.parameter)) continue;
    if (chosen == nullptr || judge_ending(outcome.ending) == "OK") chosen = &outcome;
    if (judge_ending(outcome.ending) == "OK") break;
  }
  if (chosen == nullptr) {
    const bool waited = timed_out_ && may_still_match();
    result.problem = waited ? "time ran out" : "something else came back";
    const std::string difference = first_difference(script_.outcomes().front().items, items_);
    if (!difference.empty()) result.problem += ": " + difference;
    return;
  }
  result.behavior = chosen->verdict;
  result.behavior_close = judge_ending(chosen->ending);
  if (result.behavior_close != "OK") {
    result.problem = "the connection did not end as it should";
  } else if (result.behavior != Verdict::ok) {
    result.problem = "allowed, but not the best answer";
  }
}

// --- Refusals ----------------------------------------------------------------------------------

struct CaseRun::Finding {
  Verdict verdict = Verdict::failed;
  std::string problem = {};
};

void CaseRun::judge_refusal(CaseResult& result) const {
  std::vector<HttpHead> answers = read_answers(http_);
  std::erase_if(answers, [](const HttpHead& head) { return head.status() == 100; });
  const Finding finding = judge_answers(answers);
  result.behavior = finding.verdict;
  if (finding.verdict != Verdict::ok) result.problem = finding.problem;
}

bool CaseRun::answers_too_much(const std::vector<HttpHead>& answers) const {
  // An answer may come before the body has been read; what is wrong with that comes behind it.
  const bool last_refuses = peer_ended_ && !answers.empty() && answers.back().status() == 400;
  return answers.size() > script_.opening().max_responses + (last_refuses ? 1 : 0);
}

CaseRun::Finding CaseRun::judge_answers(const std::vector<HttpHead>& answers) const {
  using Wanted = Opening::Wanted;
  const Opening& opening = script_.opening();
  const bool opened = any_answer(answers, has_opened);
  if (!may_be_answer(http_)) return {opening.if_not_http, std::string(not_http)};
  if (answers_too_much(answers)) {
    return {Verdict::failed, "answered " + std::to_string(answers.size()) + " requests"};
  }
  if (has_field(answers, opening.forbidden_field)) {
    return {Verdict::failed, "answered with " + opening.forbidden_field};
  }
  if (answers.empty() && !peer_ended_ && !opening.may_wait) {
    return {opening.if_silent, "neither answered nor closed"};
  }
  if (opening.wanted == Wanted::in_step) return judge_step(answers);
  if (opened && opening.wanted == Wanted::no_opening) return {Verdict::failed, "opened"};
  if (opened) return {opening.if_accepted, "opened although the request has a fault"};
  if (answers.empty() && opening.wanted == Wanted::answer) {
    return {Verdict::failed, "did not answer"};
  }
  if (!answers.empty() && opening.wanted == Wanted::refusal && answers.front().status() < 400) {
    return {opening.if_accepted, "answered as if nothing were wrong"};
  }
  if (!opening.required_field.empty() && !has_field(answers, opening.required_field)) {
    return {Verdict::failed, "refused without " + opening.required_field};
  }
  return {Verdict::ok};
}

// Of a request and an opening behind it.
CaseRun::Finding CaseRun::judge_step(const std::vector<HttpHead>& answers) const {
  if (!answers.empty() && has_opened(answers.front())) {
    return {Verdict::failed, "opened before the first request was answered"};
  }
  if (answers.size() < 2) {
    if (peer_ended_) return {Verdict::ok};
    return {Verdict::failed, "did not answer the opening behind the first request"};
  }
  if (has_opened(answers[1])) return {Verdict::ok};
  return {Verdict::failed, "took something else for the request behind the first one"};
}

// --- In words ----------------------------------------------------------------------------------

std::string CaseRun::describe_expected() const {
  const Opening& opening = script_.opening();
  if (opening.wanted == Opening::Wanted::refusal) {
    return "an HTTP error or the end of the connection" +
           (opening.required_field.empty() ? "" : ", with " + opening.required_field);
  }
  if (opening.wanted == Opening::Wanted::answer) return "an HTTP answer other than 101";
  if (opening.wanted == Opening::Wanted::no_opening) {
    return "an HTTP answer other than 101, or the end of the connection";
  }
  if (opening.wanted == Opening::Wanted::in_step) {
    return "an answer to the first request, then 101 or the end of the connection";
  }
  return describe(script_.outcomes().front());
}

std::string CaseRun::describe_received() const {
  std::string text =
      join_some(items_, item_count_, [](const Item& item) { return suite::describe(item); });
  if (script_.opening().wanted != Opening::Wanted::open || !problem_.empty()) {
    if (setting_.role == Role::client) text = describe_status(read_answers(http_));
  }
  if (const auto code = reader_.close_code()) {
    text += "Close " + (*code == 1005 ? "without a code" : std::to_string(*code)) + ", ";
  }
  if (peer_ended_) return text + "end of the connection";
  if (timed_out_ && !text.empty()) return text + "then nothing";
  return text.empty() ? "nothing" : text.substr(0, text.size() - 2);
}

}  // namespace duplex::tools::suite

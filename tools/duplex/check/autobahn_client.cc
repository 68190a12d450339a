// An echo client for a fuzzing server.
#include "autobahn_client.h"

#include <memory>
#include <optional>
#include <utility>

#include "../close_reason.h"
#include "../serve/query.h"
#include "duplex/http/target.h"
#include "transcript.h"

namespace duplex::tools::suite {
namespace {

// For an answer to a question. Cases may take what time they like: some are of long silence.
constexpr std::chrono::seconds patience(60);
// Bytes of an echo that wait, above which nothing more is read.
constexpr std::size_t most_waiting = std::size_t{32} << 20;

endpoint::ClientOptions client_options() {
  endpoint::ClientOptions options;
  options.websocket.max_message_size = std::size_t{64} << 20;
  options.websocket.max_fragments = 1U << 20;
  options.websocket.send_limit = std::size_t{192} << 20;
  return options;
}

// The value of "behavior" in {"behavior": "OK"}.
std::string behavior_in(const std::string& json) {
  const std::size_t key = json.find("\"behavior\"");
  const std::size_t colon = json.find(':', key);
  const std::size_t begin = json.find('"', colon);
  const std::size_t end = json.find('"', begin + 1);
  if (key == std::string::npos || end == std::string::npos) return json;
  return json.substr(begin + 1, end - begin - 1);
}

}  // namespace

AutobahnClient::AutobahnClient(EventLoop& loop, std::string server, std::string agent,
                               OnCase on_case)
    : loop_(loop),
      client_(loop, client_options()),
      server_(std::move(server)),
      agent_(std::move(agent)),
      on_case_(std::move(on_case)) {}

std::string AutobahnClient::url(const std::string& path, std::uint64_t number) const {
  std::string text = server_ + path + "?";
  if (number != 0) text += "case=" + std::to_string(number) + "&";
  return text + "agent=" + http::percent_encode(agent_);
}

void AutobahnClient::start() {
  const std::string asked = url("/getCaseCount", 0);
  ask(asked, "the number of cases", [this, asked](const std::string& text) {
    const auto count = parse_number(text);
    if (!count || *count == 0) {
      return give_up(asked + ": the number of cases is '" + printable(text) + "'");
    }
    summary_.case_count = *count;
    run_case(1);
  });
}

void AutobahnClient::ask(const std::string& url, const std::string& what, Next next) {
  const auto answer = std::make_shared<std::optional<std::string>>();
  const TimerId deadline = loop_.run_after(patience, [this, url] {
    give_up(url + ": no answer within " + std::to_string(patience.count()) + " s");
  });
  ClientHandlers handlers;
  handlers.websocket.on_message = [answer](Connection&, Message message) {
    *answer = message.text();
  };
  handlers.websocket.on_close = [this, deadline, url, what, answer, next = std::move(next)](
                                    Connection&, const CloseEvent& event) {
    loop_.cancel(deadline);
    if (!*answer && !what.empty()) return give_up_unanswered(url, what, event);
    next(answer->value_or(""));
  };
  handlers.on_failure = [this, deadline, url](const OpeningFailure& failure) {
    loop_.cancel(deadline);
    give_up(url + ": " + failure.message);
  };
  client_.connect(url, std::move(handlers));
}

void AutobahnClient::give_up_unanswered(const std::string& url, const std::string& what,
                                        const CloseEvent& event) {
  summary_.violation = event.violation != websocket::Violation::none;
  const std::string reason = reason_of(event);
  give_up(url + ": closed with " + std::to_string(static_cast<unsigned>(event.code)) +
          (reason.empty() ? "" : " (" + reason + ")") + " before " + what + " came");
}

void AutobahnClient::run_case(std::uint64_t number) {
  if (number > summary_.case_count) return finish();
  ClientHandlers handlers;
  handlers.websocket.on_message = [](Connection& peer, Message message) {
    peer.send(message);
    if (peer.queued_bytes() > most_waiting) peer.pause_reading();
  };
  handlers.websocket.on_drain = [](Connection& peer) { peer.resume_reading(); };
  handlers.websocket.on_close = [this, number](Connection&, const CloseEvent&) {
    ask_status(number);
  };
  // There are cases in which the client must not open.
  handlers.on_failure = [this, number](const OpeningFailure&) { ask_status(number); };
  client_.connect(url("/runCase", number), std::move(handlers),
                  {.deflate = websocket::DeflateOptions{.context_takeover = true,
                                                        .peer_context_takeover = true}});
}

void AutobahnClient::ask_status(std::uint64_t number) {
  ask(url("/getCaseStatus", number), "the verdict",
      [this, number](const std::string& text) { judged(number, behavior_in(text)); });
}

void AutobahnClient::judged(std::uint64_t number, const std::string& behavior) {
  if (behavior == "OK") {
    ++summary_.ok_count;
    return run_case(number + 1);
  }
  const bool open = behavior == "INFORMATIONAL" || behavior == "UNIMPLEMENTED";
  ++(open ? summary_.open_count : summary_.bad_count);
  ask(url("/getCaseInfo", number), "the name of the case",
      [this, number, behavior](const std::string& info) {
        on_case_(behavior, info);
        run_case(number + 1);
      });
}

void AutobahnClient::finish() {
  ask(url("/updateReports", 0), "", [this](const std::string&) { loop_.stop(); });
}

void AutobahnClient::give_up(std::string why) {
  summary_.problem = std::move(why);
  loop_.stop();
}

}  // namespace duplex::tools::suite

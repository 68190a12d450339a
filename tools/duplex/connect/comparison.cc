// WebSocket beside HTTP.
#include "comparison.h"

#include <array>
#include <csignal>
#include <iterator>
#include <utility>
#include <variant>

#include "measure/format.h"
#include "measure/statistics.h"
#include "measure/table.h"
#include "message_text.h"

namespace duplex::tools {
namespace {

using Values = std::vector<double>;

std::string time_of(double seconds) { return measure::format_duration(measure::Seconds(seconds)); }

// Both values and their ratio; without values, dashes.
std::vector<std::string> row(std::string name, const Values& websocket, const Values& http,
                             std::string (*spell)(double)) {
  if (websocket.empty() || http.empty()) return {std::move(name), "-", "-", "-"};
  const double ours = measure::median(websocket);
  const double theirs = measure::median(http);
  return {std::move(name), spell(ours), spell(theirs),
          ours > 0 ? measure::format_ratio(theirs / ours) : "-"};
}

Values first_of(const Values& values) { return values.empty() ? Values{} : Values{values.front()}; }

Values rest_of(const Values& values) {
  return values.empty() ? Values{} : Values(values.begin() + 1, values.end());
}

Values sum_of(const Values& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? Values{} : Values{sum};
}

}  // namespace

std::vector<std::string> comparison_table(const ExchangeCosts& websocket,
                                          const ExchangeCosts& http) {
  using measure::Column;
  measure::Table table(
      {Column{"", measure::Align::left}, Column{"WebSocket"}, Column{"HTTP"}, Column{"HTTP is"}});
  table.add_row(row("connecting, first answer", first_of(websocket.seconds), first_of(http.seconds),
                    time_of));
  table.add_row(
      row("each other answer, median", rest_of(websocket.seconds), rest_of(http.seconds), time_of));
  table.add_row(row("bytes of the first, both ways", first_of(websocket.bytes),
                    first_of(http.bytes), measure::format_bytes));
  table.add_row(row("bytes of each other, median", rest_of(websocket.bytes), rest_of(http.bytes),
                    measure::format_bytes));
  table.add_row(
      row("bytes in all", sum_of(websocket.bytes), sum_of(http.bytes), measure::format_bytes));
  std::vector<std::string> lines;
  const std::string text = table.text();
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

Comparison::Comparison(EventLoop& loop, ComparisonOptions options, Console& console, Input& input,
                       const SocketTap& tap)
    : loop_(loop),
      options_(std::move(options)),
      console_(console),
      input_(input),
      tap_(tap),
      client_(loop),
      http_(loop) {}

void Comparison::start() {
  loop_.on_signal(std::array{SIGINT, SIGTERM}, [this](int) {
    exit_ = ExitCode::interrupted;
    conclude();
  });
  asked_ = now();
  ClientHandlers handlers;
  handlers.on_failure = [this](const OpeningFailure& failure) {
    end_with(ExitCode::could_not_connect, options_.url + ": " + failure.message);
  };
  handlers.websocket = {
      .on_open = [this](Connection&, const http::Request&) { opened(); },
      .on_message = [this](Connection&, Message message) { answered_by_websocket(message); },
      .on_close =
          [this](Connection&, const CloseEvent&) {
            end_with(ExitCode::could_not_connect, options_.url + ": the server has closed it");
          }};
  id_ = client_.connect(options_.url, std::move(handlers), options_.connect);
}

void Comparison::opened() {
  opening_ = now() - asked_;
  step_ = Step::idle;
  console_.note("connected to " + options_.url + "; each line goes to " + options_.http_url +
                ", too; Ctrl-D ends");
  input_.start(
      loop_,
      {.on_lines = [this](auto lines) { take_lines(std::move(lines)); },
       .on_end =
           [this] {
             input_ended_ = true;
             next();
           },
       .on_too_long = [this] { end_with(ExitCode::usage, "a line of the input is too long"); }});
}

void Comparison::take_lines(std::vector<std::string> lines) {
  waiting_.insert(waiting_.end(), std::make_move_iterator(lines.begin()),
                  std::make_move_iterator(lines.end()));
  acknowledgement_owed_ = true;
  next();
}

void Comparison::next() {
  if (step_ != Step::idle) return;
  if (waiting_.empty()) {
    if (std::exchange(acknowledgement_owed_, false)) input_.acknowledge();
    if (input_ended_) conclude();
    return;
  }
  LineCommand line = read_plain_line(waiting_.front(), options_.mode);
  waiting_.pop_front();
  if (auto* const message = std::get_if<SayMessage>(&line))
    return ask_websocket(std::move(*message));
  end_with(ExitCode::usage, std::get<Refusal>(line).why);
}

// --- One line ------------------------------------------------------------------------------------

void Comparison::ask_websocket(SayMessage message) {
  message_ = std::move(message);
  // The first answer costs what comes before it, too.
  const bool first = websocket_costs_.seconds.empty();
  asked_ = first ? now() - opening_ : now();
  bytes_before_ = first ? 0 : websocket_bytes();
  wait_for(Step::websocket, options_.url);
  Connection* const open = client_.find(id_);
  const Opcode opcode = message_.text ? Opcode::text : Opcode::binary;
  if (open == nullptr ||
      open->send({.opcode = opcode, .payload = message_.payload}) == SendStatus::refused) {
    end_with(ExitCode::could_not_connect, options_.url + ": the message cannot be sent");
  }
}

void Comparison::answered_by_websocket(Message message) {
  if (step_ != Step::websocket) return;  // nobody asked for it
  websocket_costs_.seconds.push_back(measure::Seconds(now() - asked_).count());
  websocket_costs_.bytes.push_back(static_cast<double>(websocket_bytes() - bytes_before_));
  answer_ = message.text();
  const bool as_hex = options_.mode == LineMode::hex;
  console_.show(as_hex                         ? hex_text(message.payload)
                : console_.shows_to_a_person() ? printable(answer_)
                                               : answer_);
  ask_http();
}

void Comparison::ask_http() {
  wait_for(Step::http, options_.http_url);
  asked_ = now();
  bytes_before_ = http_bytes();
  HttpRequest request;
  request.method = "POST";
  request.url = options_.http_url;
  request.fields = {
      {"Content-Type", message_.text ? "text/plain; charset=utf-8" : "application/octet-stream"}};
  request.body = as_text(message_.payload);
  HttpResponseHandlers handlers;
  handlers.on_done = [this](int status, std::string_view body) { answered_by_http(status, body); };
  handlers.on_failure = [this](const HttpFailure& failure) {
    end_with(ExitCode::could_not_connect, options_.http_url + ": " + failure.message);
  };
  http_.request(std::move(request), std::move(handlers));
}

void Comparison::answered_by_http(int status, std::string_view body) {
  if (status < 200 || status > 299) {
    return end_with(ExitCode::could_not_connect,
                    options_.http_url + ": the server answered " + std::to_string(status));
  }
  http_costs_.seconds.push_back(measure::Seconds(now() - asked_).count());
  http_costs_.bytes.push_back(static_cast<double>(http_bytes() - bytes_before_));
  if (body != answer_) ++different_;
  loop_.cancel(patience_);
  step_ = Step::idle;
  next();
}

void Comparison::wait_for(Step step, std::string_view whom) {
  loop_.cancel(patience_);
  step_ = step;
  patience_ = loop_.run_after(options_.patience, [this, whom] {
    end_with(ExitCode::threshold_missed, std::string(whom) + ": no answer within " +
                                             measure::format_duration(options_.patience));
  });
}

// --- The end -------------------------------------------------------------------------------------

void Comparison::end_with(ExitCode code, const std::string& problem) {
  if (step_ == Step::done) return;
  console_.complain("duplex connect: " + problem);
  exit_ = code;
  conclude();
}

// Whatever has been measured by then is told.
void Comparison::conclude() {
  if (step_ == Step::done) return loop_.stop();
  step_ = Step::done;
  loop_.cancel(patience_);
  if (!http_costs_.seconds.empty()) {
    for (const std::string& line : comparison_table(websocket_costs_, http_costs_)) {
      if (console_.show(line) == Written::no) exit_ = ExitCode::usage;
    }
  }
  if (different_ > 0) {
    console_.tell("duplex connect: " + std::to_string(different_) +
                  " answers differ between the two");
  }
  if (Connection* const open = client_.find(id_)) open->close();
  loop_.stop();
}

}  // namespace duplex::tools

// Runs cases against clients.
#include "client_check.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "../serve/query.h"
#include "measure/json_writer.h"

namespace duplex::tools::suite {
namespace {

constexpr std::uint64_t signal_data = PollSet::wake_data - 1;
constexpr std::uint64_t listener_data = PollSet::wake_data - 2;
constexpr std::string_view numbered_case = "/runCase/";
constexpr std::size_t largest_head = 65536;
// At once, each with memory of its own; the others wait in the queue of the socket.
constexpr std::size_t most_sessions = 512;
// Names of clients with results of their own.
constexpr std::size_t most_agents = 64;
// How often it is looked whether a command has ended.
constexpr milliseconds command_tick(5);
// For a command whose case has begun, which ends when it should.
constexpr std::chrono::minutes longest_case(30);
// For a command to end when its case is over.
constexpr milliseconds parting_time(2000);

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::string_view query_of(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

// "%20" as a space.
std::string percent_decoded(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const bool is_escape = text.size() >= 3 && text.front() == '%';
    plain += is_escape ? from_hex(text.substr(1, 2)) : std::string(1, text.front());
    text.remove_prefix(is_escape ? 3 : 1);
  }
  return plain;
}

std::string agent_of(std::string_view target) {
  if (target.starts_with(numbered_case)) return std::string(ClientCheck::command_agent);
  for (const std::string& part : split(query_of(target), '&')) {
    if (part.starts_with("agent=")) return printable(percent_decoded(part.substr(6)));
  }
  return "unnamed";
}

}  // namespace

ClientCheck::Session::Session(ClientCheck& check, int fd, std::uint64_t session_number)
    : number(session_number),
      end(check.kernel_.now() + check.options_.timeout),
      link(check.kernel_, check.polls_, fd, session_number, Link::Begin::open) {}

ClientCheck::ClientCheck(ClientCheckOptions options, const std::vector<const Case*>& cases)
    : options_(std::move(options)),
      cases_(cases),
      polls_(kernel_),
      acceptor_(kernel_, polls_, options_.address, listener_data),
      schedule_(cases, options_.parallel),
      start_(kernel_.now()) {
  constexpr std::array<int, 2> ending = {SIGINT, SIGTERM};
  signals_ = check(kernel_.signalfd(ending), "signalfd");
  polls_.add(signals_, net::Ready::in, signal_data);
}

ClientCheck::~ClientCheck() {
  sessions_.clear();
  kernel_.close(signals_);
}

void ClientCheck::run(const OnReport& on_report, const OnResult& on_result) {
  on_report_ = on_report;
  on_result_ = on_result;
  while (!is_over()) {
    if (!options_.command.empty()) run_commands();
    take_ready();
    work();
  }
}

bool ClientCheck::is_over() const {
  if (interrupted_ || !hopeless_.empty()) return true;
  if (!options_.command.empty()) return schedule_.done() && sessions_.empty();
  return options_.once && reported_ && sessions_.empty();
}

// --- Sockets -----------------------------------------------------------------------------------

std::chrono::nanoseconds ClientCheck::patience() const {
  const Clock::time_point now = kernel_.now();
  Clock::time_point earliest = Clock::time_point::max();
  if (!options_.command.empty()) earliest = now + command_tick;
  earliest = std::min(earliest, acceptor_.resume_at().value_or(earliest));
  for (const Session& session : sessions_) {
    if (session.link.impatient()) return std::chrono::nanoseconds(0);
    earliest = std::min(earliest, session.run ? session.run->deadline(now) : session.end);
  }
  if (earliest == Clock::time_point::max()) return std::chrono::nanoseconds(-1);
  return std::max(earliest - now, Clock::duration(0));
}

void ClientCheck::take_ready() {
  const auto ready = polls_.wait(patience());
  const Clock::time_point now = kernel_.now();
  acceptor_.resume(now);
  for (const net::Ready& event : ready) {
    if (event.data == signal_data) {
      interrupted_ = kernel_.next_signal(signals_) > 0 || interrupted_;
    } else if (event.data == listener_data) {
      accept_all(now);
    } else {
      for (Session& session : sessions_) {
        if (session.number == event.data) session.link.ready(event.events, now);
      }
    }
  }
}

void ClientCheck::accept_all(Clock::time_point now) {
  while (sessions_.size() < most_sessions) {
    const auto fd = acceptor_.take(now);
    if (!fd) return;
    sessions_.emplace_back(*this, *fd, ++session_count_);
  }
  acceptor_.pause(now);
}

void ClientCheck::work() {
  const Clock::time_point now = kernel_.now();
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    Session& session = *it;
    if (!session.run) {
      const auto head = read_head(session.link.early());
      const auto words = head ? split(head->start_line, ' ') : std::vector<std::string>();
      if (head) begin(session, words.size() > 1 ? words[1] : "");
    }
    const bool hopeless = !session.run && (session.link.ended() || now >= session.end ||
                                           session.link.early().size() > largest_head);
    const bool over = session.run ? session.link.work(now) : hopeless;
    if (over && session.is_case) finish(session);
    it = over ? sessions_.erase(it) : std::next(it);
  }
}

// --- Requests ----------------------------------------------------------------------------------

void ClientCheck::begin(Session& session, std::string_view target) {
  const std::string_view path = path_of(target);
  if (path == "/runCase" || path.starts_with(numbered_case)) return begin_case(session, target);
  if (path == "/getCaseCount") return tell(session, std::to_string(cases_.size()));
  if (path == "/getCaseStatus") return tell(session, status_of(target));
  if (path == "/getCaseInfo") {
    const auto index = case_index(target);
    if (!index) return refuse(session);
    return tell(session, "{\"id\": " + measure::json_string(cases_[*index]->id) +
                             ", \"description\": " + measure::json_string(cases_[*index]->title) +
                             "}");
  }
  if (path != "/updateReports") return refuse(session);
  update_reports();
  session.service = std::make_unique<Case>(Case{.write = [](Script&) {}});
  start_run(session, *session.service);
}

std::optional<std::size_t> ClientCheck::case_index(std::string_view target) const {
  const auto number = target.starts_with(numbered_case)
                          ? parse_number(target.substr(numbered_case.size()))
                          : query_number(query_of(target), "case");
  if (!number || *number == 0 || *number > cases_.size()) return std::nullopt;
  return static_cast<std::size_t>(*number - 1);
}

void ClientCheck::begin_case(Session& session, std::string_view target) {
  const auto index = case_index(target);
  std::string agent = agent_of(target);
  const bool has_room = results_.contains(agent) || results_.size() < most_agents;
  if (!index || !has_room) return refuse(session);
  session.is_case = true;
  session.index = *index;
  session.agent = std::move(agent);
  any_begun_ = true;
  commands_.set_end(*index, kernel_.now() + longest_case);
  start_run(session, *cases_[*index]);
}

void ClientCheck::tell(Session& session, std::string text) {
  session.service = std::make_unique<Case>(
      Case{.write = [text = std::move(text)](Script& s) { s.send(text_frame(text)); }});
  start_run(session, *session.service);
}

void ClientCheck::refuse(Session& session) {
  session.service = std::make_unique<Case>(Case{.write = [](Script& s) {
    s.opening().wanted = Opening::Wanted::failure;
    s.opening().response = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    s.half_close().peer_drops();
  }});
  start_run(session, *session.service);
}

void ClientCheck::start_run(Session& session, const Case& item) {
  const Setting setting = {
      .role = Role::server, .timeout = options_.timeout, .limit = options_.limit};
  const Clock::time_point now = kernel_.now();
  session.run.emplace(item, setting, now);
  session.link.run(*session.run);
  session.run->received(session.link.early(), now);
  if (session.link.ended()) session.run->peer_ended(now);
}

std::string ClientCheck::status_of(std::string_view target) const {
  const auto index = case_index(target);
  const auto agent = results_.find(agent_of(target));
  if (!index || agent == results_.end()) return "{\"behavior\": \"MISSING\"}";
  const auto result = agent->second.find(*index);
  if (result == agent->second.end()) return "{\"behavior\": \"MISSING\"}";
  return "{\"behavior\": " + measure::json_string(name_of(result->second.verdict())) + "}";
}

// --- Results -----------------------------------------------------------------------------------

void ClientCheck::finish(const Session& session) {
  keep(session.agent, session.index, session.run->result(kernel_.now()));
  commands_.set_end(session.index, kernel_.now() + parting_time);
}

// A client that comes again for a case of a command does not make it better.
void ClientCheck::keep(const std::string& agent, std::size_t index, CaseResult result) {
  Results& results = results_[agent];
  if (!options_.command.empty() && results.contains(index)) return;
  results[index] = std::move(result);
  if (on_result_) on_result_(results[index]);
}

std::vector<Report> ClientCheck::reports() const {
  std::vector<Report> reports;
  for (const auto& [agent, results] : results_) {
    const std::string repeat = "duplex check --case {case}" + options_.case_options;
    Report report = {.agent = agent, .repeat = repeat + " --listen " + address().text()};
    if (!options_.command.empty()) {
      report.agent = options_.command;
      report.repeat = repeat + " --exec " + shell_word(options_.command);
    }
    report.duration = std::chrono::duration_cast<milliseconds>(kernel_.now() - start_);
    for (const auto& [index, result] : results) report.cases.push_back({cases_[index], result});
    // Clients that come by themselves come for what they like.
    if (interrupted_ && !options_.command.empty()) report.cut("interrupted", cases_);
    reports.push_back(std::move(report));
  }
  return reports;
}

void ClientCheck::update_reports() {
  reported_ = true;
  if (on_report_) on_report_(reports());
}

// --- Commands ----------------------------------------------------------------------------------

void ClientCheck::run_commands() {
  // As long as no command has run a case, one that ended without it may be like all others.
  if (any_begun_ || last_failure_.empty()) start_commands();
  while (const auto ended = commands_.take_ended(kernel_.now())) {
    schedule_.end(ended->index);
    if (!was_begun(ended->index)) take_failure(*ended);
  }
  if (!any_begun_ && schedule_.running() == 0) hopeless_ = last_failure_;
}

void ClientCheck::start_commands() {
  while (const auto index = schedule_.begin()) {
    // Without any character that means something to a shell.
    const std::string url = "ws://" + address().text() + "/runCase/" + std::to_string(*index + 1);
    commands_.start(replaced(options_.command, "{url}", url), *index,
                    kernel_.now() + 2 * options_.timeout);
  }
}

bool ClientCheck::was_begun(std::size_t index) const {
  const auto results = results_.find(std::string(command_agent));
  if (results != results_.end() && results->second.contains(index)) return true;
  return std::any_of(sessions_.begin(), sessions_.end(), [index](const Session& session) {
    return session.is_case && session.index == index;
  });
}

void ClientCheck::take_failure(const ClientCommands::Ended& ended) {
  last_failure_ = "the command " + describe(ended) + " without running the case";
  if (!any_begun_ && is_no_command(ended.status)) hopeless_ = last_failure_;
  keep(std::string(command_agent), ended.index,
       {.id = cases_[ended.index]->id, .behavior_close = "FAILED", .problem = last_failure_});
}

}  // namespace duplex::tools::suite

// Reads lines of Socket.IO.
#include "event_line.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "command_table.h"
#include "duplex/codec/utf8.h"
#include "measure/format.h"
#include "message_text.h"

namespace duplex::tools {
namespace {

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

bool begins_json(std::string_view text) {
  return !text.empty() && std::string_view("[{\"").find(text.front()) != std::string_view::npos;
}

// Behind the string, array or object that begins `text`; its size if it never ends.
std::size_t end_of_json(std::string_view text) {
  std::size_t depth = 0;
  bool within_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (within_string && c == '\\') {
      ++at;
    } else if (c == '"') {
      within_string = !within_string;
    } else if (!within_string && (c == '[' || c == '{')) {
      ++depth;
    } else if (!within_string && (c == ']' || c == '}')) {
      --depth;
    }
    if (depth == 0 && !within_string) return at + 1;
  }
  return text.size();
}

void skip_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

// The first word, or JSON with spaces within, which is taken off `text` with the spaces behind it.
std::string_view take_part(std::string_view& text) {
  const std::size_t inner = begins_json(text) ? end_of_json(text) : 0;
  const std::size_t end = std::min(text.find(' ', inner), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end);
  skip_spaces(text);
  return part;
}

// What is wrong is said in `problem`.
Json value_of(std::string_view part, std::string& problem) {
  auto value = codec::parse_json(part);
  if (value) return *std::move(value);
  if (begins_json(part)) problem = quoted(part) + " is not JSON: " + value.error().message;
  return Json(part);
}

JsonArray values_of(std::string_view text, std::string& problem) {
  JsonArray values;
  skip_spaces(text);
  while (!text.empty() && problem.empty()) values.push_back(value_of(take_part(text), problem));
  return values;
}

EventCommand event_of(JsonArray values, EmitEvent::Manner manner) {
  const std::string* const name = values.empty() ? nullptr : values[0].text();
  if (name == nullptr) return Refusal{"an event begins with its name, which is a text: move 3"};
  if (socketio::is_reserved(*name)) {
    return Refusal{"not sent: the name " + quoted(*name) + " is the protocol's own"};
  }
  return EmitEvent{.values = std::move(values), .manner = manner};
}

// A text, with or without quotes. What is other JSON is no name: who means the text writes quotes.
Json name_of(std::string_view part, std::string& problem) {
  Json name = value_of(part, problem);
  if (problem.empty() && name.text() == nullptr) {
    problem = quoted(part) + " is no name, which is a text: \"3\" 4 if it looks otherwise";
  }
  return name;
}

EventCommand read_event(std::string_view text, EmitEvent::Manner manner) {
  std::string problem;
  skip_spaces(text);
  const bool as_array = text.starts_with('[');
  JsonArray values;
  if (!as_array && !text.empty()) {
    values.push_back(name_of(take_part(text), problem));
  }
  JsonArray rest = values_of(text, problem);
  if (!problem.empty()) return Refusal{"not sent: " + problem};
  if (as_array && rest.size() != 1) return Refusal{"not sent: something stands behind the array"};
  if (as_array) return event_of(std::move(*rest[0].array()), manner);
  values.insert(values.end(), rest.begin(), rest.end());
  return event_of(std::move(values), manner);
}

EventCommand read_ack(std::string_view text) { return read_event(text, EmitEvent::Manner::asking); }
EventCommand read_volatile(std::string_view text) {
  return read_event(text, EmitEvent::Manner::droppably);
}

EventCommand read_bytes(std::string_view text) {
  JsonArray values;
  skip_spaces(text);
  while (!text.empty()) {
    const std::string_view part = take_part(text);
    if (values.empty()) {
      std::string problem;
      values.push_back(name_of(part, problem));
      if (!problem.empty()) return Refusal{"not sent: " + problem};
      continue;
    }
    auto bytes = parse_hex(part);
    if (!bytes) return Refusal{quoted(part) + " is not hexadecimal: /binary photo 01abff 0203"};
    values.emplace_back(*std::move(bytes));
  }
  return event_of(std::move(values), EmitEvent::Manner::plainly);
}

// An object, or null.
std::optional<Refusal> take_auth(std::string_view text, Json& auth) {
  auto value = codec::parse_json(text);
  if (!value) return Refusal{quoted(text) + " is not JSON: " + value.error().message};
  if (!value->is_null() && value->object() == nullptr) {
    return Refusal{quoted(text) + R"( is no object: {"token": "abc"})"};
  }
  auth = *std::move(value);
  return std::nullopt;
}

std::string nsp_of(std::string_view word) {
  return word.starts_with('/') || word.empty() ? std::string(word) : '/' + std::string(word);
}

EventCommand read_join(std::string_view text) {
  if (text.empty()) return Refusal{"/join needs a namespace: /join /admin {\"token\": \"abc\"}"};
  JoinNamespace join = {.nsp = nsp_of(take_part(text))};
  if (text.empty()) return join;
  if (auto refusal = take_auth(text, join.auth.emplace())) return *std::move(refusal);
  return join;
}

EventCommand read_leave(std::string_view text) { return LeaveNamespace{nsp_of(text)}; }

EventCommand read_nsp(std::string_view text) { return ChooseNamespace{nsp_of(text)}; }

EventCommand read_auth(std::string_view text) {
  SetAuth set;
  if (text.empty()) return set;
  if (auto refusal = take_auth(text, set.auth)) return *std::move(refusal);
  return set;
}

EventCommand read_answer(std::string_view text) {
  std::string problem;
  SetAnswer answer = {values_of(text, problem)};
  if (problem.empty()) return answer;
  return Refusal{"/answer: " + problem};
}

EventCommand read_close(std::string_view) { return EndEvents{}; }

EventCommand read_help(std::string_view) { return ShowHelp{}; }

using Known = KnownCommand<EventCommand>;

constexpr std::array known = {
    Known{"/ack", "EVENT [VALUE...]", "an event that is answered: shows the answer and the time",
          read_ack},
    Known{"/binary", "EVENT DIGITS...", "an event with bytes, in hexadecimal, an argument each",
          read_bytes},
    Known{"/volatile", "EVENT [VALUE...]", "an event that is dropped unless it can leave at once",
          read_volatile},
    Known{"/join", "NSP [AUTH]", "joins that namespace; events go there from here on", read_join},
    Known{"/leave", "[NSP]", "leaves it, or the one that events go to", read_leave},
    Known{"/nsp", "[NSP]", "events go there from here on; alone: which there are", read_nsp},
    Known{"/auth", "[OBJECT]", "what its server is told when it is joined, also if it was refused",
          read_auth},
    Known{"/answer", "[VALUE...]", "what events that ask for it are answered from here on",
          read_answer},
    Known{"/close", "", "the end", read_close},
    Known{"/help", "", "this list", read_help},
};

}  // namespace

EventCommand read_event_line(std::string_view line) {
  if (!codec::is_valid_utf8(as_bytes(line))) return Refusal{"not sent: the line is not UTF-8"};
  if (line.starts_with("//")) return read_event(line.substr(1), EmitEvent::Manner::plainly);
  if (!line.starts_with('/')) return read_event(line, EmitEvent::Manner::plainly);
  const std::string_view name = take_part(line);
  const Known* const found = find_command(known, name);
  if (found != nullptr) return found->read(line);
  return Refusal{quoted(name) + " is no command (see /help); '/" + std::string(name) +
                 "' is the event of that name"};
}

std::vector<std::string> event_command_help() {
  std::vector<std::string> lines = help_lines(known, 28);
  lines.push_back(measure::pad_right("EVENT [VALUE...]", 28) +
                  R"(an event: move 3 "two words" {"a": [1]}, or ["move", 3])");
  return lines;
}

std::vector<std::string_view> complete_event_command(std::string_view beginning) {
  return names_that_begin(known, beginning);
}

}  // namespace duplex::tools

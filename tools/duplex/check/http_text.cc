// HTTP/1.1 heads and answers as text.
#include "http_text.h"

#include <algorithm>
#include <charconv>

namespace duplex::tools::suite {
namespace {

constexpr std::string_view line_end = "\r\n";

void add_field(HttpHead& head, std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  head.fields.push_back({.name = lower_case(line.substr(0, colon)),
                         .value = std::string(trimmed(line.substr(colon + 1)))});
}

// Where the chunked body at the front ends: behind the line of its last chunk and an empty one.
std::size_t chunked_size(std::string_view body) {
  std::size_t at = 0;
  while (true) {
    const std::size_t end = body.find(line_end, at);
    if (end == std::string_view::npos) return body.size();
    std::size_t size = 0;
    std::from_chars(body.data() + at, body.data() + end, size, 16);
    if (size > body.size()) return body.size();  // a larger one could overflow
    at = end + 2 + size + 2;
    if (size == 0 || at > body.size()) return std::min(at, body.size());
  }
}

std::size_t body_size(const HttpHead& head, std::string_view body) {
  const int status = head.status();
  if (status / 100 == 1 || status == 204 || status == 304) return status == 101 ? body.size() : 0;
  if (head.has_token("transfer-encoding", "chunked")) return chunked_size(body);
  const std::string length = head.value("content-length");
  std::size_t size = body.size();
  if (!length.empty()) std::from_chars(length.data(), length.data() + length.size(), size);
  return std::min(size, body.size());
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string HttpHead::value(std::string_view name) const {
  std::string all;
  for (const HttpField& field : fields) {
    if (field.name == name) all += (all.empty() ? "" : ", ") + field.value;
  }
  return all;
}

std::size_t HttpHead::count(std::string_view name) const {
  const auto has_name = [name](const HttpField& field) { return field.name == name; };
  return static_cast<std::size_t>(std::count_if(fields.begin(), fields.end(), has_name));
}

bool HttpHead::has_token(std::string_view name, std::string_view token) const {
  for (const std::string& member : split(value(name), ',')) {
    if (lower_case(member) == token) return true;
  }
  return false;
}

int HttpHead::status() const {
  if (!start_line.starts_with("HTTP/1.") || start_line.size() < 12) return 0;
  int status = 0;
  std::from_chars(start_line.data() + 9, start_line.data() + 12, status);
  return status;
}

std::optional<HttpHead> read_head(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  HttpHead head;
  head.size = end + 4;
  std::string_view rest = bytes.substr(0, end + 2);
  const std::size_t first = rest.find(line_end);
  head.start_line = rest.substr(0, first);
  rest.remove_prefix(first + 2);
  while (!rest.empty()) {
    const std::size_t size = rest.find(line_end);
    add_field(head, rest.substr(0, size));
    rest.remove_prefix(size + 2);
  }
  return head;
}

bool may_be_answer(std::string_view bytes) noexcept {
  constexpr std::string_view front = "HTTP/1.";
  return bytes.substr(0, front.size()) == front.substr(0, bytes.size());
}

std::vector<HttpHead> read_answers(std::string_view bytes) {
  std::vector<HttpHead> answers;
  while (auto head = read_head(bytes)) {
    bytes.remove_prefix(head->size);
    bytes.remove_prefix(body_size(*head, bytes));
    answers.push_back(*std::move(head));
  }
  return answers;
}

}  // namespace duplex::tools::suite

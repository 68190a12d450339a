// The answers in a stream of bytes, read without the code under test: RFC 9112 section 6.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace duplex {

struct Answer {
  int status = 0;
  std::string head = {};  // status line and fields, with their line ends
  std::string body = {};
  bool whole = true;  // nothing is missing

  bool has(std::string_view line) const {
    return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
  }
  // The value of a field, spelled as we spell it.
  std::string field(const std::string& name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

// Takes the body off the front of `bytes`.
inline void take_body(Answer& answer, std::string_view& bytes) {
  if (!answer.has("Transfer-Encoding: chunked")) {
    const std::string length = answer.field("Content-Length");
    const std::size_t size = std::strtoul(length.c_str(), nullptr, 10);
    answer.whole = bytes.size() >= size;
    answer.body = bytes.substr(0, size);
    bytes.remove_prefix(answer.body.size());
    return;
  }
  for (std::size_t size = 1; size != 0;) {
    const auto line = bytes.find("\r\n");
    size = std::strtoul(std::string(bytes.substr(0, line)).c_str(), nullptr, 16);
    answer.whole = line != std::string_view::npos && bytes.size() >= line + size + 4;
    if (!answer.whole) return;
    answer.body += bytes.substr(line + 2, size);
    bytes.remove_prefix(line + size + 4);
  }
}

// `heads_only`: they answer HEAD.
inline std::vector<Answer> parse_answers(std::string_view bytes, bool heads_only = false) {
  std::vector<Answer> answers;
  while (!bytes.empty()) {
    Answer& answer = answers.emplace_back();
    const auto end = bytes.find("\r\n\r\n");
    answer.whole = end != std::string_view::npos && bytes.starts_with("HTTP/1.1 ");
    if (!answer.whole) return answers;
    answer.head = bytes.substr(0, end + 2);
    answer.status = std::atoi(answer.head.c_str() + 9);
    bytes.remove_prefix(end + 4);
    if (!heads_only && answer.status >= 200 && answer.status != 204) take_body(answer, bytes);
  }
  return answers;
}

// "200 400": the statuses in order.
inline std::string statuses_of(const std::vector<Answer>& answers) {
  std::string text;
  for (const Answer& answer : answers) {
    text += (text.empty() ? "" : " ") + std::to_string(answer.status);
  }
  return text;
}

}  // namespace duplex

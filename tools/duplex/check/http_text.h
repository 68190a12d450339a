// HTTP/1.1 heads and answers as text, as far as the suite looks at them: RFC 9112. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::tools::suite {

struct HttpField {
  std::string name;  // in lower case
  std::string value;
};

struct HttpHead {
  std::string start_line = {};
  std::vector<HttpField> fields = {};
  std::size_t size = 0;  // bytes, with the empty line

  // The values of all lines with that name (in lower case), joined as one list.
  std::string value(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  // Whether one of the list's members is `token`, in any case.
  bool has_token(std::string_view name, std::string_view token) const;
  // 0 unless the start line is that of an answer.
  int status() const;
};

// The head at the front of `bytes`; nothing before its empty line has come.
std::optional<HttpHead> read_head(std::string_view bytes);

inline constexpr std::string_view not_http =
    "answered with something that is not HTTP/1.1 (RFC 9112 2.1)";

// Whether `bytes` are, or may become, an answer in HTTP/1.
bool may_be_answer(std::string_view bytes) noexcept;

// All answers in `bytes`, one after another, each with its body, as far as they have come.
std::vector<HttpHead> read_answers(std::string_view bytes);

std::string lower_case(std::string_view text);
std::string_view trimmed(std::string_view text);
// The parts between separators, trimmed; quoted strings are not looked into.
std::vector<std::string> split(std::string_view text, char separator);
std::string replaced(std::string text, std::string_view what, std::string_view with);

}  // namespace duplex::tools::suite

// Indents JSON: white space alone is changed, so that numbers stay as they were written.
#include "json_text.h"

#include <cstddef>

#include "duplex/codec/json.h"

namespace duplex::tools {
namespace {

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Behind the string that begins at `start`.
std::size_t end_of_string(std::string_view text, std::size_t start) {
  std::size_t end = start + 1;
  while (text[end] != '"') end += std::size_t{text[end] == '\\' ? 2U : 1U};
  return end + 1;
}

class Indenter {
 public:
  std::string indent(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text[at] == '"' ? end_of_string(text, at) : at + 1;
      if (!is_space(text[at])) take(text.substr(at, end - at));
      at = end;
    }
    return std::move(out_);
  }

 private:
  void take(std::string_view token) {
    const char c = token.front();
    const bool closes = c == '}' || c == ']';
    if (closes) --depth_;
    // Nothing stands between the brackets of an empty object or array.
    if (fresh_ != closes) new_line();
    fresh_ = false;
    out_ += token;
    if (c == ':') out_ += ' ';
    if (c == ',') new_line();
    if (c != '{' && c != '[') return;
    ++depth_;
    fresh_ = true;
  }

  void new_line() { out_ += '\n' + std::string(2 * depth_, ' '); }

  std::string out_;
  std::size_t depth_ = 0;
  bool fresh_ = false;  // behind an opening bracket
};

}  // namespace

std::optional<std::string> indented_json(std::string_view text) {
  if (!codec::parse_json(text)) return std::nullopt;
  return Indenter().indent(text);
}

}  // namespace duplex::tools

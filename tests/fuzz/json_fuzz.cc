// Any bytes as JSON: what is read is the same when it is written and read again, and is written the
// same way each time. Whether it is JSON at all, a naive second reader says.
#include <gtest/gtest.h>

#include <string>

#include "decisions.h"
#include "duplex/codec/json.h"
#include "duplex/codec/utf8.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using codec::JsonValue;

// Section 2 of RFC 8259 from the first to the last byte; knows no limit and no meaning.
class Grammar {
 public:
  explicit Grammar(std::string_view text) : rest_(text) {}

  bool matches() { return value() && rest_.empty(); }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_any(std::string_view set) {
    if (rest_.empty() || set.find(rest_.front()) == set.npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void space() {
    while (take_any(" \t\r\n")) {
    }
  }
  bool digits() {
    if (!take_any("0123456789")) return false;
    while (take_any("0123456789")) {
    }
    return true;
  }
  bool word(std::string_view name) {
    if (!rest_.starts_with(name)) return false;
    rest_.remove_prefix(name.size());
    return true;
  }
  bool number() {
    const bool minus = take('-');
    if (!take('0') && !digits()) return !minus && false;
    if (take('.') && !digits()) return false;
    if (!take_any("eE")) return true;
    take_any("+-");
    return digits();
  }
  bool string() {
    if (!take('"')) return false;
    while (!rest_.empty() && !rest_.starts_with('"')) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (static_cast<unsigned char>(c) < 0x20 || (c == '\\' && !escape())) return false;
    }
    return take('"');
  }
  bool escape() {
    if (!take('u')) return take_any("\"\\/bfnrt");
    for (int i = 0; i < 4; ++i) {
      if (!take_any("0123456789abcdefABCDEF")) return false;
    }
    return true;
  }
  template <class Item>
  bool list(char end, Item item) {
    space();
    if (take(end)) return true;
    do {
      if (!item()) return false;
    } while (take(','));
    return take(end);
  }
  bool member() {
    space();
    if (!string()) return false;
    space();
    return take(':') && value();
  }
  bool value() {
    space();
    const bool good = any();
    space();
    return good;
  }
  bool any() {
    if (take('{')) return list('}', [this] { return member(); });
    if (take('[')) return list(']', [this] { return value(); });
    if (rest_.starts_with('"')) return string();
    return word("null") || word("true") || word("false") || number();
  }

  std::string_view rest_;
};

// Refused beyond the grammar, each named in the header.
bool is_beyond_the_grammar(const std::string& problem) {
  for (const char* part : {"there twice", "surrogate", "beyond what a double holds", "deeper than",
                           "more than", "above the limit"}) {
    if (problem.find(part) != std::string::npos) return true;
  }
  return false;
}

void run(std::string_view input) {
  Decisions decisions(input);
  const codec::JsonLimits limits = {.max_depth = 1 + decisions.below(64),
                                    .max_values = 1 + decisions.below(256)};
  const std::string_view text = decisions.rest();
  const auto value = codec::parse_json(text, limits);
  const bool is_json = codec::is_valid_utf8(as_bytes(text)) && Grammar(text).matches();
  if (!value) {
    EXPECT_TRUE(!is_json || is_beyond_the_grammar(value.error().message)) << value.error().message;
    EXPECT_LE(value.error().offset, text.size());
    return;
  }
  EXPECT_TRUE(is_json);
  const std::string written = codec::write_json(*value);
  const auto again = codec::parse_json(written, limits);
  ASSERT_TRUE(again) << again.error().message << ": " << written;
  EXPECT_EQ(*again, *value);
  EXPECT_EQ(codec::write_json(*again), written);
}

const Registration registration({"json", run});

}  // namespace
}  // namespace duplex::fuzz

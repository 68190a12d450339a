// Any lines as the values of Sec-WebSocket-Extensions, and of Sec-WebSocket-Protocol: a second,
// naive reader finds the same lists or none, and a list that is written is read as it was.
#include <gtest/gtest.h>

#include "naive_lists.h"
#include "target.h"
#include "websocket/subprotocols.h"

namespace duplex::fuzz {
namespace {

// One field for each line.
std::vector<http::Field> fields_of(std::string_view lines, std::string_view name) {
  std::vector<http::Field> fields;
  do fields.push_back({name, strip_spaces(cut_off(lines, "\n"))});
  while (!lines.empty());
  return fields;
}

std::optional<NaiveOffers::List> parse(const std::vector<http::Field>& fields) {
  const auto offers = websocket::parse_extensions(http::Fields(fields));
  return offers ? std::optional(copy_of(*offers)) : std::nullopt;
}

std::string write(const NaiveOffers::List& offers) {
  std::string text;
  for (const NaiveOffers::Offer& offer : offers) {
    text += (text.empty() ? "" : ", ") + offer.name;
    for (const NaiveOffers::Parameter& parameter : offer.parameters) {
      text += "; " + parameter.name;
      const bool quoted = parameter.value && parameter.value->size() % 2 == 0;
      if (parameter.value) text += quoted ? "=\"" + *parameter.value + '"' : "=" + *parameter.value;
    }
  }
  return text;
}

void check_extensions(std::string_view lines) {
  const auto fields = fields_of(lines, "Sec-WebSocket-Extensions");
  const auto expected = NaiveOffers::parse(http::Fields(fields));
  EXPECT_EQ(parse(fields), expected);
  if (!expected || expected->empty()) return;
  const std::string written = write(*expected);
  const auto again = fields_of(written, "sec-websocket-extensions");
  EXPECT_EQ(parse(again), expected) << written;
}

void check_subprotocols(std::string_view lines) {
  const auto fields = fields_of(lines, "Sec-WebSocket-Protocol");
  const auto expected = naive_subprotocols(http::Fields(fields));
  const auto names = websocket::parse_subprotocols(http::Fields(fields));
  ASSERT_EQ(names.has_value(), expected.has_value());
  if (!names) return;
  for (const std::string& name : *expected) EXPECT_TRUE(names->contains(name));
  EXPECT_FALSE(names->contains("not, offered"));
}

void run(std::string_view input) {
  check_extensions(input);
  check_subprotocols(input);
}

const Registration registration({"extensions", run});

}  // namespace
}  // namespace duplex::fuzz

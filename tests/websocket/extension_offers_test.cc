// The grammar of Sec-WebSocket-Extensions: RFC 6455 section 9.1.
#include <gtest/gtest.h>

#include "duplex/websocket/handshake.h"

namespace duplex::websocket {
namespace {

// The list as read, in one canonical spelling; "error" when it breaks the grammar.
std::string parsed(std::vector<http::Field> fields) {
  const auto offers = parse_extensions(http::Fields(fields));
  if (!offers) return "error";
  std::string text;
  for (const ExtensionOffer& offer : *offers) {
    text.append(text.empty() ? "" : ", ").append(offer.name);
    for (const ExtensionParameter& parameter : offer.parameters) {
      text.append("; ").append(parameter.name);
      if (parameter.value) text.append("=").append(*parameter.value);
    }
  }
  return text;
}

std::string parsed(std::string_view value) { return parsed({{"Sec-WebSocket-Extensions", value}}); }

TEST(ExtensionOffersTest, ReadsTheGrammar) {
  EXPECT_EQ(parsed("foo"), "foo");
  EXPECT_EQ(parsed("foo; a"), "foo; a");
  EXPECT_EQ(parsed("foo;a=1;b , bar ;\tc = x"), "foo; a=1; b, bar; c=x");
  EXPECT_EQ(parsed("foo; a=\"10\"; b=\"x\\y\"  , bar"), "foo; a=10; b=xy, bar");
  EXPECT_EQ(parsed("constructor; __proto__=1"), "constructor; __proto__=1");
}

TEST(ExtensionOffersTest, SeveralFieldsAreOneList) {
  EXPECT_EQ(parsed({{"sec-websocket-extensions", "foo"},
                    {"Other", "ignored"},
                    {"Sec-WebSocket-Extensions", "bar"}}),
            "foo, bar");
  EXPECT_EQ(parsed(std::vector<http::Field>()), "");
}

TEST(ExtensionOffersTest, RefusesEverythingElse) {
  for (const char* wrong : {"",
                            " ",
                            ",",
                            ",foo",
                            "foo,",
                            "foo,,bar",
                            "foo;",
                            "foo;;",
                            "foo;;a",
                            "foo; =1",
                            "foo; a=",
                            "foo; a==",
                            "foo bar",
                            "foo; a b",
                            "foo; a=\"",
                            "foo; a=\"1",
                            "foo; a=\"1\\",
                            "foo; a=\"\"",
                            "foo; a=\"a b\"",
                            "foo; a=\"1\"2",
                            "foo; a=1=2",
                            "f(o",
                            "foo; a=b\"c\"",
                            ";a",
                            "\xc3\xbc"}) {
    EXPECT_EQ(parsed(wrong), "error") << wrong;
  }
}

TEST(ExtensionOffersTest, LimitsOffersAndParameters) {
  std::string offers = "a0";
  std::string parameters = "a";
  for (std::size_t i = 1; i < max_offered_extensions; ++i) offers += ",a" + std::to_string(i);
  for (std::size_t i = 0; i < max_extension_parameters; ++i) parameters += ";p=1";
  EXPECT_NE(parsed(offers), "error");
  EXPECT_EQ(parsed(offers + ",a"), "error");
  EXPECT_EQ(parsed({{"Sec-WebSocket-Extensions", offers}, {"Sec-WebSocket-Extensions", "a"}}),
            "error");
  EXPECT_NE(parsed(parameters), "error");
  EXPECT_EQ(parsed(parameters + ";p"), "error");
}

}  // namespace
}  // namespace duplex::websocket

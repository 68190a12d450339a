// Looking things up in messages.
#include "duplex/http/message.h"

#include <gtest/gtest.h>

namespace duplex::http {
namespace {

constexpr Field some_fields[] = {
    {"Connection", "keep-alive ,\tUpgrade"}, {"X", "1"}, {"x", "2"}, {"connection", ", x-y,"}};

TEST(IEquals, IgnoresTheCaseOfLettersOnly) {
  EXPECT_TRUE(iequals("", ""));
  EXPECT_TRUE(iequals("Host", "hOST"));
  EXPECT_FALSE(iequals("Host", "Hos"));
  EXPECT_FALSE(iequals("[", "{"));
  EXPECT_FALSE(iequals("Content_Length", "Content-Length"));
  EXPECT_FALSE(iequals("\xC9", "\xE9"));
}

TEST(Fields, FindTheFirstOfTheName) {
  const Fields fields(some_fields);
  EXPECT_EQ(fields.find("X"), "1");
  EXPECT_EQ(fields.find("y"), std::nullopt);
  EXPECT_EQ(fields.count("x"), 2U);
  EXPECT_EQ(fields.count("y"), 0U);
  EXPECT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields[2].value, "2");
}

TEST(Fields, FindTokensOverAllLines) {
  const Fields fields(some_fields);
  EXPECT_TRUE(fields.has_token("Connection", "upgrade"));
  EXPECT_TRUE(fields.has_token("Connection", "X-Y"));
  EXPECT_FALSE(fields.has_token("Connection", "keep"));
  EXPECT_FALSE(fields.has_token("Connection", "x"));
  EXPECT_FALSE(fields.has_token("Y", "1"));
  // A list with something else in it is none.
  const std::array upgrades = {Field{"Upgrade", "h2c/1.0, websocket"},
                               Field{"A", "websocket, @b[d"}, Field{"B", "websocket,"},
                               Field{"C", "a/, websocket"}};
  const Fields others{upgrades};
  EXPECT_TRUE(others.has_token("Upgrade", "websocket"));
  EXPECT_FALSE(others.has_token("A", "websocket"));
  EXPECT_TRUE(others.has_token("B", "websocket"));
  EXPECT_FALSE(others.has_token("C", "websocket"));
}

TEST(OwnedRequest, OutlivesWhatItWasMadeFrom) {
  std::string text = "GET/p?qname:value";
  const std::string_view view = text;
  const Field field{view.substr(7, 4), view.substr(12, 5)};
  const OwnedRequest owned({.method = view.substr(0, 3),
                            .target = view.substr(3, 4),
                            .path = view.substr(3, 2),
                            .query = view.substr(6, 1),
                            .fields = std::span(&field, 1),
                            .keep_alive = false});
  text.assign(text.size(), '#');
  EXPECT_EQ(owned.view().method, "GET");
  EXPECT_EQ(owned.view().target, "/p?q");
  EXPECT_EQ(owned.view().path, "/p");
  EXPECT_EQ(owned.view().query, "q");
  EXPECT_EQ(owned.view().fields.find("name"), "value");
  EXPECT_FALSE(owned.view().keep_alive);
  EXPECT_EQ(&owned.view(), &owned.view());
}

TEST(OwnedRequest, KeepsWhatIsNoPartOfTheTarget) {
  const std::vector<Field> fields = {{"a", "1"}, {"bb", ""}, {"", "22"}};
  const Request request = {.method = "OPTIONS",
                           .target = "http://host/x",
                           .path = "/elsewhere",
                           .minor_version = 0,
                           .fields = Fields(fields),
                           .has_body = true,
                           .expects_continue = true};
  const OwnedRequest owned(request);
  const Request& view = owned.view();
  EXPECT_EQ(view.path, "/elsewhere");
  EXPECT_EQ(view.query, "");
  EXPECT_EQ(view.minor_version, 0);
  EXPECT_TRUE(view.keep_alive && view.has_body && view.expects_continue);
  ASSERT_EQ(view.fields.size(), 3U);
  EXPECT_EQ(view.fields[1].name, "bb");
  EXPECT_EQ(view.fields[1].value, "");
  EXPECT_EQ(view.fields[2].value, "22");
}

}  // namespace
}  // namespace duplex::http

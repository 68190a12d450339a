// Lists of subprotocols: RFC 6455 section 4.1 item 10.
#include "websocket/subprotocols.h"

#include <gtest/gtest.h>

namespace duplex::websocket {
namespace {

std::optional<SubprotocolList> parsed(std::string_view value) {
  const std::vector<http::Field> fields = {{"Sec-WebSocket-Protocol", value}};
  return parse_subprotocols(http::Fields(fields));
}

TEST(SubprotocolsTest, ReadsListsOfTokens) {
  const auto list = parsed("chat , superchat,x");
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->contains("chat") && list->contains("superchat") && list->contains("x"));
  EXPECT_FALSE(list->contains("Chat") || list->contains(""));
}

TEST(SubprotocolsTest, NoFieldIsAnEmptyList) {
  EXPECT_TRUE(parse_subprotocols(http::Fields()));
  const std::vector<http::Field> other = {{"Sec-WebSocket-Key", ",,"}};
  EXPECT_TRUE(parse_subprotocols(http::Fields(other)));
}

TEST(SubprotocolsTest, RefusesEmptyWrongAndRepeatedNames) {
  for (const char* wrong : {"", ",", "chat,", ",chat", "chat,,x", "cha t", "chat, chat", "a/b"}) {
    EXPECT_FALSE(parsed(wrong)) << wrong;
  }
  const std::vector<http::Field> twice = {{"Sec-WebSocket-Protocol", "chat"},
                                          {"sec-websocket-protocol", "chat"}};
  EXPECT_FALSE(parse_subprotocols(http::Fields(twice)));
}

TEST(SubprotocolsTest, LimitsTheList) {
  std::string list = "p0";
  for (std::size_t i = 1; i < max_offered_subprotocols; ++i) list += ",p" + std::to_string(i);
  EXPECT_TRUE(parsed(list));
  EXPECT_FALSE(parsed(list + ",p"));
}

}  // namespace
}  // namespace duplex::websocket

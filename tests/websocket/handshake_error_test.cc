// What errors of the opening handshake become.
#include <gtest/gtest.h>

#include <set>

#include "duplex/websocket/handshake.h"

namespace duplex::websocket {
namespace {

constexpr auto last = static_cast<unsigned>(HandshakeError::subprotocol_not_offered);

std::string fields_of(HandshakeError error) {
  std::string text;
  for (const http::Field& field : refusal_for(error).fields) {
    text.append(field.name).append(": ").append(field.value).append("\n");
  }
  return text;
}

TEST(HandshakeErrorTest, EachHasAStatus) {
  const std::string upgrade =
      "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\n";
  for (unsigned i = 0; i <= last; ++i) {
    const auto error = static_cast<HandshakeError>(i);
    const int status = refusal_for(error).status;
    if (error == HandshakeError::method_not_get) {
      EXPECT_EQ(status, 405);
      EXPECT_EQ(fields_of(error), "Allow: GET\n");
    } else if (error == HandshakeError::upgrade_missing ||
               error == HandshakeError::version_unsupported) {
      EXPECT_EQ(status, 426);
      EXPECT_EQ(fields_of(error), upgrade);
    } else {
      EXPECT_EQ(status, error == HandshakeError::origin_refused ? 403 : 400);
      EXPECT_EQ(fields_of(error), "");
    }
  }
}

TEST(HandshakeErrorTest, EachHasASentence) {
  std::set<std::string_view> sentences;
  for (unsigned i = 0; i <= last + 1; ++i) {
    EXPECT_TRUE(sentences.insert(describe(static_cast<HandshakeError>(i))).second) << i;
  }
}

}  // namespace
}  // namespace duplex::websocket

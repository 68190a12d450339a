// The client's side of the opening handshake: RFC 6455 section 4.1.
#include <gtest/gtest.h>

#include "duplex/websocket/handshake.h"
#include "opening.h"
#include "session.h"

namespace duplex::websocket {
namespace {

using namespace std::string_view_literals;

const std::vector<std::string> offered = {"chat", "superchat"};
constexpr std::array extension_names = {"foo"sv, "bar"sv};

std::string_view refused(const http::Response& response) {
  const auto agreed = verify_handshake(response, sample_key, offered, extension_names);
  return agreed ? std::string_view() : describe(agreed.error());
}

std::string_view refused(const FieldList& fields) { return refused(answer_with(fields)); }

std::string_view sentence(HandshakeError error) { return describe(error); }

std::string request_bytes(const HandshakeRequest& request) {
  SendQueue queue;
  if (!append_handshake_request(queue, request)) return queue.empty() ? "refused" : "partly";
  return drain(queue);
}

// --- The request ---------------------------------------------------------------------------------

TEST(HandshakeClientTest, MakesTheKeyOfTheRfc) {
  const Bytes nonce = as_bytes("the sample nonce");
  EXPECT_EQ(make_key(nonce.first<16>()), sample_key);
}

TEST(HandshakeClientTest, WritesTheShortestRequest) {
  EXPECT_EQ(request_bytes({.host = "example.com:8080", .target = "/chat?x=1", .key = sample_key}),
            "GET /chat?x=1 HTTP/1.1\r\n"
            "Host: example.com:8080\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n"
            "\r\n");
}

TEST(HandshakeClientTest, WritesWhatIsAskedFor) {
  const std::vector<http::Field> fields = {{"Cookie", "a=b"}};
  const std::string bytes = request_bytes({.host = "a",
                                           .key = sample_key,
                                           .origin = "https://a",
                                           .subprotocols = offered,
                                           .extensions = "foo; x",
                                           .fields = fields});
  EXPECT_TRUE(
      bytes.ends_with("Sec-WebSocket-Version: 13\r\n"
                      "Origin: https://a\r\n"
                      "Sec-WebSocket-Protocol: chat, superchat\r\n"
                      "Sec-WebSocket-Extensions: foo; x\r\n"
                      "Cookie: a=b\r\n"
                      "\r\n"));
}

TEST(HandshakeClientTest, RefusesToInjectLines) {
  for (const std::string_view bad : {"a\rb"sv, "a\nb"sv, "a\0b"sv, "a\r\nEvil: 1"sv}) {
    const std::vector<std::string> subprotocols = {std::string(bad)};
    const std::vector<http::Field> value = {{"X", bad}};
    const std::vector<http::Field> name = {{bad, "x"}};
    EXPECT_EQ(request_bytes({.host = bad, .key = sample_key}), "refused");
    EXPECT_EQ(request_bytes({.host = "a", .target = bad, .key = sample_key}), "refused");
    EXPECT_EQ(request_bytes({.host = "a", .key = bad}), "refused");
    EXPECT_EQ(request_bytes({.host = "a", .origin = bad}), "refused");
    EXPECT_EQ(request_bytes({.host = "a", .subprotocols = subprotocols}), "refused");
    EXPECT_EQ(request_bytes({.host = "a", .extensions = bad}), "refused");
    EXPECT_EQ(request_bytes({.host = "a", .fields = value}), "refused");
    EXPECT_EQ(request_bytes({.host = "a", .fields = name}), "refused");
  }
}

TEST(HandshakeClientTest, RefusesASecondAuthorForItsFields) {
  for (const char* name : {"Host", "upgrade", "Connection", "Origin", "Sec-WebSocket-Key",
                           "sec-websocket-anything", "Content-Length", "Transfer-Encoding"}) {
    const std::vector<http::Field> fields = {{name, "1"}};
    EXPECT_EQ(request_bytes({.host = "a", .key = sample_key, .fields = fields}), "refused") << name;
  }
  const std::vector<std::string> twice = {"chat", "chat"};
  EXPECT_EQ(request_bytes({.host = "a", .key = sample_key, .subprotocols = twice}), "refused");
}

// --- The answer ----------------------------------------------------------------------------------

TEST(HandshakeClientTest, AcceptsTheExampleOfTheRfc) {
  const FieldList fields = answer_fields();
  const auto agreed = verify_handshake(answer_with(fields), sample_key);
  ASSERT_TRUE(agreed);
  EXPECT_EQ(agreed->subprotocol, "");
  EXPECT_TRUE(agreed->extensions.empty());
}

TEST(HandshakeClientTest, NeedsStatus101InHttp11) {
  const FieldList fields = answer_fields();
  http::Response response = answer_with(fields);
  response.status = 200;
  EXPECT_EQ(refused(response), sentence(HandshakeError::status_not_101));
  response = answer_with(fields);
  response.minor_version = 0;
  EXPECT_EQ(refused(response), sentence(HandshakeError::http_version_wrong));
}

TEST(HandshakeClientTest, NeedsUpgradeConnectionAndAccept) {
  EXPECT_EQ(refused(answer_fields().set("Upgrade", "WebSocket")), "");
  const auto upgrade = sentence(HandshakeError::upgrade_wrong);
  EXPECT_EQ(refused(answer_fields().remove("Upgrade")), upgrade);
  EXPECT_EQ(refused(answer_fields().set("Upgrade", "h2c")), upgrade);
  EXPECT_EQ(refused(answer_fields().set("Upgrade", "websocket, h2c")), upgrade);
  EXPECT_EQ(refused(answer_fields().add("Upgrade", "websocket")), upgrade);
  EXPECT_EQ(refused(answer_fields().set("Upgrade", std::string(8192, 'x'))), upgrade);
  EXPECT_EQ(refused(answer_fields().remove("Connection")),
            sentence(HandshakeError::connection_wrong));
  const auto accept = sentence(HandshakeError::accept_wrong);
  EXPECT_EQ(refused(answer_fields().remove("Sec-WebSocket-Accept")), accept);
  EXPECT_EQ(refused(answer_fields().set("Sec-WebSocket-Accept", "AAAA")), accept);
  EXPECT_EQ(refused(answer_fields().add("Sec-WebSocket-Accept", sample_accept)), accept);
}

TEST(HandshakeClientTest, TakesOnlyAnOfferedSubprotocol) {
  const FieldList fields = answer_fields().add("Sec-WebSocket-Protocol", "superchat");
  const auto agreed = verify_handshake(answer_with(fields), sample_key, offered);
  ASSERT_TRUE(agreed);
  EXPECT_EQ(agreed->subprotocol, "superchat");
  const auto not_offered = sentence(HandshakeError::subprotocol_not_offered);
  EXPECT_EQ(refused(answer_fields().add("Sec-WebSocket-Protocol", "evil")), not_offered);
  EXPECT_EQ(refused(answer_fields().add("Sec-WebSocket-Protocol", "")), not_offered);
  EXPECT_EQ(refused(answer_fields().add("Sec-WebSocket-Protocol", "chat, superchat")), not_offered);
  EXPECT_EQ(refused(answer_fields()
                        .add("Sec-WebSocket-Protocol", "chat")
                        .add("Sec-WebSocket-Protocol", "superchat")),
            not_offered);
}

TEST(HandshakeClientTest, TakesOnlyOfferedExtensions) {
  const FieldList fields = answer_fields().add("Sec-WebSocket-Extensions", "bar; x=1, foo");
  const auto agreed = verify_handshake(answer_with(fields), sample_key, {}, extension_names);
  ASSERT_TRUE(agreed);
  EXPECT_EQ(agreed->extensions.at(0).parameters.at(0).value, "1");
  const auto not_offered = sentence(HandshakeError::extension_not_offered);
  EXPECT_EQ(refused(answer_fields().add("Sec-WebSocket-Extensions", "x-foo")), not_offered);
  EXPECT_EQ(refused(answer_fields().add("Sec-WebSocket-Extensions", "foo, foo")), not_offered);
  EXPECT_EQ(refused(answer_fields().add("Sec-WebSocket-Extensions", "foo,")),
            sentence(HandshakeError::extensions_invalid));
}

}  // namespace
}  // namespace duplex::websocket

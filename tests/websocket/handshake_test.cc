// The server's side of the opening handshake: RFC 6455 section 4.2.
#include "duplex/websocket/handshake.h"

#include <gtest/gtest.h>

#include "opening.h"

namespace duplex::websocket {
namespace {

const std::vector<std::string> spoken = {"superchat", "chat"};
const std::vector<std::string> origins = {"https://good.example", "null"};

// The rule that a request with these fields breaks; empty when it is accepted.
std::string_view refused(const FieldList& fields, const HandshakePolicy& policy = {}) {
  const auto answer = accept_handshake(request_with(fields), policy);
  return answer ? std::string_view() : describe(answer.error());
}

std::string_view sentence(HandshakeError error) { return describe(error); }

std::string agreed_subprotocol(const FieldList& fields) {
  const auto answer = accept_handshake(request_with(fields), {.subprotocols = spoken});
  return answer ? std::string(answer->subprotocol) : "refused";
}

TEST(HandshakeTest, AcceptsTheExampleOfTheRfc) {
  const FieldList fields = request_fields();
  const auto answer = accept_handshake(request_with(fields), {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->accept, sample_accept);
  EXPECT_EQ(answer->subprotocol, "");
  EXPECT_TRUE(answer->extension_offers.empty());
  EXPECT_EQ(encode_answer(*answer),
            "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "\r\n");
}

TEST(HandshakeTest, TheAnswerNamesWhatWasAgreed) {
  EXPECT_EQ(encode_answer({.accept = "x", .subprotocol = "chat", .extensions = "foo; bar=1"}),
            "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Accept: x\r\n"
            "Sec-WebSocket-Protocol: chat\r\n"
            "Sec-WebSocket-Extensions: foo; bar=1\r\n"
            "\r\n");
}

TEST(HandshakeTest, MethodComesFirst) {
  const FieldList none({});
  http::Request request = request_with(none);
  request.method = "POST";
  EXPECT_EQ(accept_handshake(request, {}).error(), HandshakeError::method_not_get);
}

TEST(HandshakeTest, NeedsUpgradeInHttp11) {
  const auto missing = sentence(HandshakeError::upgrade_missing);
  EXPECT_EQ(refused(request_fields().remove("Upgrade")), missing);
  EXPECT_EQ(refused(request_fields().remove("Connection")), missing);
  EXPECT_EQ(refused(request_fields().set("Upgrade", "websocket/13")), missing);
  EXPECT_EQ(refused(request_fields().set("Connection", "xupgrade")), missing);
  EXPECT_EQ(refused(request_fields().set("Connection", "keep-alive, UPGRADE")), "");
  const FieldList fields = request_fields();
  http::Request old = request_with(fields);
  old.minor_version = 0;
  EXPECT_FALSE(is_upgrade_request(old));
  EXPECT_EQ(accept_handshake(old, {}).error(), HandshakeError::upgrade_missing);
}

TEST(HandshakeTest, RefusesABody) {
  const FieldList fields = request_fields();
  http::Request request = request_with(fields);
  request.has_body = true;
  EXPECT_EQ(accept_handshake(request, {}).error(), HandshakeError::body_present);
}

TEST(HandshakeTest, NeedsOneHost) {
  const auto invalid = sentence(HandshakeError::host_invalid);
  EXPECT_EQ(refused(request_fields().remove("Host")), invalid);
  EXPECT_EQ(refused(request_fields().add("Host", "b")), invalid);
}

TEST(HandshakeTest, NeedsOneKeyOf16Bytes) {
  const auto invalid = sentence(HandshakeError::key_invalid);
  EXPECT_EQ(refused(request_fields().remove("Sec-WebSocket-Key")), invalid);
  EXPECT_EQ(refused(request_fields().add("Sec-WebSocket-Key", sample_key)), invalid);
  for (const char* key : {"", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAA=", "dGhlIHNhbXBsZSBub25jZQ",
                          "dGhl-HNhbXBsZSBub2_jZQ==", "dGhlIHNhbXBs ZSBub25jZQ=="}) {
    EXPECT_EQ(refused(request_fields().set("Sec-WebSocket-Key", key)), invalid) << key;
  }
}

TEST(HandshakeTest, SpeaksVersion13Only) {
  const auto unsupported = sentence(HandshakeError::version_unsupported);
  EXPECT_EQ(refused(request_fields().remove("Sec-WebSocket-Version")), unsupported);
  for (const char* version : {"", "8", "14", "013", "+13", "13.0", "269", "13, 8"}) {
    EXPECT_EQ(refused(request_fields().set("Sec-WebSocket-Version", version)), unsupported);
  }
  EXPECT_EQ(refused(request_fields().add("Sec-WebSocket-Version", "13")),
            sentence(HandshakeError::version_repeated));
}

TEST(HandshakeTest, ChecksTheOriginByteForByte) {
  const HandshakePolicy policy{.allowed_origins = origins};
  const auto origin = [](std::string_view value) { return request_fields().add("Origin", value); };
  EXPECT_EQ(refused(request_fields(), policy), "");
  EXPECT_EQ(refused(origin("https://good.example"), policy), "");
  EXPECT_EQ(refused(origin("null"), policy), "");
  for (const char* evil : {"https://good.example.evil", "https://GOOD.example",
                           "http://good.example", "https://good.example/", ""}) {
    EXPECT_EQ(refused(origin(evil), policy), sentence(HandshakeError::origin_refused)) << evil;
    EXPECT_EQ(refused(origin(evil)), "") << evil;
  }
  EXPECT_EQ(refused(origin("a").add("Origin", "a")), sentence(HandshakeError::origin_repeated));
}

// A page that brings its visitor's cookies speaks in the visitor's name: section 10.2.
TEST(HandshakeTest, WithoutAListCookiesComeFromTheOwnOriginAlone) {
  const auto with_cookie = [](std::string_view origin, std::string_view host) {
    FieldList fields = request_fields().set("Host", host).add("Cookie", "sid=1");
    return origin.empty() ? fields : fields.add("Origin", origin);
  };
  EXPECT_EQ(refused(with_cookie("", "a")), "") << "a program";
  for (const auto& [origin, host] : std::vector<std::pair<const char*, const char*>>{
           {"http://a", "a"},
           {"http://a:80", "a"},
           {"http://a", "a:80"},
           {"http://a", "a:"},
           {"https://a", "a"},
           {"https://a", "a:443"},
           {"https://A.Example:8443", "a.example:8443"},
           {"http://[::1]:9001", "[::1]:9001"},
           {"http://127.0.0.1:9001", "127.0.0.1:9001"}}) {
    EXPECT_EQ(refused(with_cookie(origin, host)), "") << origin << " at " << host;
  }
  for (const auto& [origin, host] :
       std::vector<std::pair<const char*, const char*>>{{"null", "a"},
                                                        {"http://b", "a"},
                                                        {"http://a.evil", "a"},
                                                        {"http://evil.a", "a"},
                                                        {"http://a:8080", "a"},
                                                        {"http://a", "a:8080"},
                                                        {"https://a", "a:80"},
                                                        {"http://a/", "a"},
                                                        {"http://b@a", "a"},
                                                        {"http://a, http://b", "a"},
                                                        {"file://a", "a"},
                                                        {"a", "a"},
                                                        {"://a", "a"},
                                                        {"http://", "a"}}) {
    EXPECT_EQ(refused(with_cookie(origin, host)), sentence(HandshakeError::origin_refused))
        << origin << " at " << host;
    EXPECT_EQ(refused(with_cookie(origin, host).remove("Cookie")), "") << origin;
  }
}

TEST(HandshakeTest, AListMayNameAllOriginsAndTheOwn) {
  const std::vector<std::string> any = {"*"};
  const std::vector<std::string> own = {"https://good.example", "self"};
  const auto origin = [](std::string_view value) {
    return request_fields().add("Cookie", "sid=1").add("Origin", value);
  };
  for (const char* each : {"https://evil.example", "null", "http://a"}) {
    EXPECT_EQ(refused(origin(each), {.allowed_origins = any}), "") << each;
  }
  const HandshakePolicy policy{.allowed_origins = own};
  EXPECT_EQ(refused(origin("http://a"), policy), "");
  EXPECT_EQ(refused(origin("https://good.example"), policy), "");
  for (const char* each : {"https://evil.example", "null", "*"}) {
    EXPECT_EQ(refused(origin(each), policy), sentence(HandshakeError::origin_refused)) << each;
  }
}

TEST(HandshakeTest, TheAnswerHasFieldsOfTheApplication) {
  const std::vector<http::Field> fields = {{"Set-Cookie", "sid=1"}, {"Set-Cookie", "b=2"}};
  EXPECT_EQ(encode_answer({.accept = "x", .fields = fields}),
            "HTTP/1.1 101 Switching Protocols\r\n"
            "Upgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Accept: x\r\n"
            "Set-Cookie: sid=1\r\n"
            "Set-Cookie: b=2\r\n"
            "\r\n");
}

TEST(HandshakeTest, NoFieldOfTheApplicationMakesAnotherAnswer) {
  for (const http::Field& field : std::vector<http::Field>{{"X", "a\r\nSet-Cookie: b"},
                                                           {"X", "a\nb"},
                                                           {"X", std::string_view("a\0b", 3)},
                                                           {"X: a\r\nY", "b"},
                                                           {"X Y", "a"},
                                                           {"", "a"},
                                                           {"connection", "close"},
                                                           {"Upgrade", "h2c"},
                                                           {"Sec-WebSocket-Accept", "a"},
                                                           {"sec-websocket-extensions", "foo"},
                                                           {"Content-Length", "5"},
                                                           {"Transfer-Encoding", "chunked"}}) {
    const std::vector<http::Field> fields = {{"Good", "one"}, field};
    EXPECT_EQ(encode_answer({.accept = "x", .fields = fields}), "") << field.name;
  }
}

TEST(HandshakeTest, ChoosesTheSubprotocolThatWeWantMost) {
  const auto offer = [](std::string_view list) {
    return request_fields().add("Sec-WebSocket-Protocol", list);
  };
  EXPECT_EQ(agreed_subprotocol(request_fields()), "");
  EXPECT_EQ(agreed_subprotocol(offer("x, chat")), "chat");
  EXPECT_EQ(agreed_subprotocol(offer("chat,superchat")), "superchat");
  EXPECT_EQ(agreed_subprotocol(offer("Chat, x")), "");
  EXPECT_EQ(agreed_subprotocol(offer("x").add("Sec-WebSocket-Protocol", "chat")), "chat");
  const HandshakePolicy strict{.subprotocols = spoken, .require_subprotocol = true};
  const auto missing = sentence(HandshakeError::subprotocol_missing);
  EXPECT_EQ(refused(offer("x"), strict), missing);
  EXPECT_EQ(refused(request_fields(), strict), missing);
  EXPECT_EQ(refused(offer("chat"), strict), "");
}

TEST(HandshakeTest, RefusesListsThatBreakTheirGrammar) {
  EXPECT_EQ(refused(request_fields().add("Sec-WebSocket-Protocol", "chat,")),
            sentence(HandshakeError::subprotocols_invalid));
  EXPECT_EQ(refused(request_fields().add("Sec-WebSocket-Extensions", "foo;;")),
            sentence(HandshakeError::extensions_invalid));
}

TEST(HandshakeTest, PassesOnTheOfferedExtensions) {
  const FieldList fields = request_fields().add("Sec-WebSocket-Extensions", "foo; a=1, bar");
  const auto answer = accept_handshake(request_with(fields), {});
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->extension_offers.size(), 2u);
  EXPECT_EQ(answer->extension_offers[0].name, "foo");
  EXPECT_EQ(answer->extension_offers[1].name, "bar");
}

TEST(HandshakeTest, KnowsWhoWantsToUpgrade) {
  EXPECT_TRUE(is_upgrade_request(request_with(request_fields())));
  EXPECT_FALSE(is_upgrade_request(request_with(request_fields().set("Upgrade", "h2c"))));
}

}  // namespace
}  // namespace duplex::websocket

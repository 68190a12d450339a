// URLs of clients.
#include "duplex/http/url.h"

#include <gtest/gtest.h>

namespace duplex::http {
namespace {

struct UrlCase {
  const char* text;
  const char* scheme;
  const char* host;
  int port;
  const char* path;
  const char* field;
};

TEST(ParseUrl, TakesTcpApart) {
  constexpr UrlCase cases[] = {
      {"ws://a", "ws", "a", 80, "/", "a"},
      {"WS://a:9001/x?y=%20", "ws", "a", 9001, "/x?y=%20", "a:9001"},
      {"http://127.0.0.1:80/", "http", "127.0.0.1", 80, "/", "127.0.0.1"},
      {"http://a:?q", "http", "a", 80, "/?q", "a"},
      {"http://[::1]/", "http", "::1", 80, "/", "[::1]"},
      {"http://[::1]:65535", "http", "::1", 65535, "/", "[::1]:65535"},
  };
  for (const auto& [text, scheme, host, port, path, field] : cases) {
    const auto url = parse_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->scheme, scheme) << text;
    EXPECT_EQ(url->host, host) << text;
    EXPECT_EQ(url->port, port) << text;
    EXPECT_EQ(url->path_and_query, path) << text;
    EXPECT_EQ(host_field(*url), field) << text;
    EXPECT_FALSE(url->is_unix()) << text;
  }
}

TEST(ParseUrl, TakesUnixSocketsApart) {
  const auto url = parse_url("ws+unix:/run/a.socket:/x?y");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->is_unix());
  EXPECT_TRUE(url->is_websocket());
  EXPECT_EQ(url->unix_path, "/run/a.socket");
  EXPECT_EQ(url->path_and_query, "/x?y");
  EXPECT_EQ(host_field(*url), "localhost");
  EXPECT_EQ(parse_url("http+unix:///run/a")->unix_path, "/run/a");
  EXPECT_EQ(parse_url("http+unix:/run/a")->path_and_query, "/");
  EXPECT_EQ(parse_url("http+unix:/run/a:")->path_and_query, "/");
  EXPECT_FALSE(parse_url("http+unix:/run/a")->is_websocket());
}

struct ErrorCase {
  const char* text;
  UrlError error;
};

TEST(ParseUrl, NamesWhatIsWrong) {
  constexpr ErrorCase cases[] = {
      {"", UrlError::no_scheme},
      {"a/b", UrlError::no_scheme},
      {"://a", UrlError::no_scheme},
      {"ftp://a", UrlError::unknown_scheme},
      {"localhost:80", UrlError::unknown_scheme},
      {"wss://a", UrlError::needs_tls},
      {"HTTPS://a", UrlError::needs_tls},
      {"ws://u:p@a/", UrlError::userinfo},
      {"ws:a", UrlError::invalid_host},
      {"ws://", UrlError::invalid_host},
      {"ws:///x", UrlError::invalid_host},
      {"ws://a b/", UrlError::invalid_host},
      {"ws://[::1/", UrlError::invalid_host},
      {"ws://:80/", UrlError::invalid_host},
      {"ws://a:0", UrlError::invalid_port},
      {"ws://a:65536", UrlError::invalid_port},
      {"ws://a:80x", UrlError::invalid_port},
      {"ws://a:-1", UrlError::invalid_port},
      {"ws://a/b c", UrlError::invalid_character},
      {"ws://a/\r\nX: y", UrlError::invalid_character},
      {"ws://a/\xC3\xA9", UrlError::invalid_character},
      {"ws://a/%", UrlError::invalid_escape},
      {"ws://a/%4", UrlError::invalid_escape},
      {"ws://a/%g0", UrlError::invalid_escape},
      {"ws://a/%0g", UrlError::invalid_escape},
      {"ws://a/#b", UrlError::fragment},
      {"ws://a#b", UrlError::fragment},
      {"ws+unix:", UrlError::invalid_socket_path},
      {"ws+unix:/", UrlError::invalid_socket_path},
      {"ws+unix:a:/b", UrlError::invalid_socket_path},
      {"ws+unix:/a:/b c", UrlError::invalid_character},
  };
  for (const auto& [text, error] : cases) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(describe(url.error()), describe(error)) << text;
  }
}

TEST(ParseUrl, RefusesNulInSocketPaths) {
  const auto url = parse_url(std::string_view("ws+unix:/a\0b", 12));
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error(), UrlError::invalid_socket_path);
}

}  // namespace
}  // namespace duplex::http

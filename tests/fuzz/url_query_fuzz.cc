// Any bytes as an encoded text, a path, a query, a file's path and a URL: as naive second
// implementations read them, and what is accepted is the same when it is written and read again.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "decisions.h"
#include "duplex/http/parser.h"
#include "duplex/http/serialize.h"
#include "duplex/http/target.h"
#include "duplex/http/url.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool is_escape(std::string_view text) {
  return text.size() >= 3 && text[0] == '%' && std::isxdigit(static_cast<unsigned char>(text[1])) &&
         std::isxdigit(static_cast<unsigned char>(text[2]));
}

char meaning_of(std::string_view escape) {
  return static_cast<char>(std::stoi(std::string(escape.substr(1, 2)), nullptr, 16));
}

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (; !text.empty(); text.remove_prefix(1)) {
    if (text.front() != '%') {
      out += text.front();
      continue;
    }
    if (!is_escape(text)) return std::nullopt;
    out += meaning_of(text);
    text.remove_prefix(2);
  }
  return out;
}

void check_encoding(std::string_view text) {
  EXPECT_EQ(http::percent_decode(text), decode(text));
  const std::string encoded = http::percent_encode(text);
  EXPECT_EQ(http::percent_decode(encoded), text);
  EXPECT_EQ(encoded.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "abcdefghijklmnopqrstuvwxyz%-._~"),
            std::string::npos);
}

// Each escape as it is usually written: unreserved characters without one.
std::string normalize_escapes(std::string_view path) {
  std::string out;
  for (; !path.empty(); path.remove_prefix(1)) {
    if (!is_escape(path)) {
      out += path.front();
      continue;
    }
    out += http::percent_encode(std::string(1, meaning_of(path)));
    path.remove_prefix(2);
  }
  return out;
}

// Segment by segment, with a list of those that stay.
std::string normalize(std::string_view path) {
  std::vector<std::string> kept;
  const std::vector<std::string> segments = split(normalize_escapes(path), '/');
  for (std::size_t i = 1; i < segments.size(); ++i) {
    const bool dots = segments[i] == "." || segments[i] == "..";
    if (segments[i] == ".." && !kept.empty()) kept.pop_back();
    if (!dots) kept.push_back(segments[i]);
    if (dots && i + 1 == segments.size()) kept.emplace_back();
  }
  std::string out;
  for (const std::string& segment : kept) out += "/" + segment;
  return out;
}

void check_path(const std::string& path) {
  const std::string normal = http::normalize_path(path);
  EXPECT_EQ(normal, normalize(path));
  if (!decode(path)) return;
  EXPECT_EQ(http::normalize_path(normal), normal);
}

std::optional<std::string> find_parameter(std::string_view query, std::string_view name) {
  for (std::string part : split(query, '&')) {
    std::replace(part.begin(), part.end(), '+', ' ');
    const auto key = decode(part.substr(0, part.find('=')));
    const auto value = decode(part.find('=') == part.npos ? "" : part.substr(part.find('=') + 1));
    if (!part.empty() && key == name && value) return value;
  }
  return std::nullopt;
}

void check_file(std::string_view rest) {
  const auto path = http::relative_file_path(rest);
  std::string expected;
  bool good = !rest.starts_with('/');
  for (const std::string& segment : split(rest, '/')) {
    const std::string name = decode(segment).value_or("/");
    good &= name != "." && name != ".." &&
            name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
    expected += "/" + name;
  }
  EXPECT_EQ(path, good ? std::optional(expected.substr(1)) : std::nullopt);
}

// A server of ours takes what a client of ours sends for the URL.
void expect_requested(const http::Url& url) {
  std::string text;
  ASSERT_TRUE(http::append_request_head(
      text, {.target = url.path_and_query, .host = http::host_field(url)}));
  std::vector<std::byte> bytes(as_bytes(text).begin(), as_bytes(text).end());
  const http::ParserLimits limits{.max_target_size = text.size(), .max_head_size = text.size()};
  http::RequestParser parser(limits);
  parser.receive(bytes);
  const auto event = parser.next_event();
  ASSERT_TRUE(event);
  const bool has_nul = url.path_and_query.find("%00") != std::string::npos;
  EXPECT_EQ(event->error, has_nul ? http::HttpError::encoded_nul : http::HttpError::none) << text;
  EXPECT_TRUE(has_nul || parser.request().target == url.path_and_query);
}

void check_url(std::string_view text) {
  const auto url = http::parse_url(text);
  if (!url) {
    EXPECT_FALSE(describe(url.error()).empty());
    return;
  }
  expect_requested(*url);
  // With its empty authority, for a socket's path may begin with three slashes.
  const std::string place =
      url->is_unix() ? "://" + url->unix_path + ":" : "://" + http::host_field(*url);
  const auto again = http::parse_url(url->scheme + place + url->path_and_query);
  ASSERT_TRUE(again) << describe(again.error());
  EXPECT_EQ(again->scheme, url->scheme);
  EXPECT_EQ(again->host, url->host);
  EXPECT_EQ(again->port, url->port);
  EXPECT_EQ(again->path_and_query, url->path_and_query);
  EXPECT_EQ(again->unix_path, url->unix_path);
}

void run(std::string_view input) {
  Decisions decisions(input);
  const std::string_view name = decisions.text();
  const std::string_view text = decisions.rest();
  check_encoding(text);
  check_path("/" + std::string(text));
  EXPECT_EQ(http::query_parameter(text, name), find_parameter(text, name));
  check_file(text);
  check_url(text);
  check_url("ws://" + std::string(text));
}

const Registration registration({"url_query", run});

}  // namespace
}  // namespace duplex::fuzz

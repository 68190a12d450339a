// What the fuzzers of both sides of the opening handshake share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "../websocket/session.h"
#include "cuts.h"
#include "decisions.h"
#include "duplex/http/parser.h"
#include "naive_lists.h"

namespace duplex::fuzz {

inline constexpr std::string_view sample_key = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455 section 1.3
inline constexpr std::string_view sample_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

// Shows `see` each head, until it says true. Returns what was received behind that one; nothing
// when there is none.
template <class Parser, class F>
std::optional<std::string> read_head(std::string_view bytes, const Cuts& cuts, F&& see) {
  const http::ParserLimits limits;
  Parser parser(limits);
  std::optional<std::string> behind;
  feed_pieces(bytes, cuts, [&](MutableBytes piece) {
    if (behind) {
      *behind += as_text(piece);
      return;
    }
    parser.receive(piece);
    while (const auto event = parser.next_event()) {
      if (event->kind != http::Event::Kind::head || !see(message_of(parser))) continue;
      behind = as_text(parser.take_unread());
      return;
    }
    parser.take_unread();
  });
  return behind;
}

inline std::vector<std::string> take_names(Decisions& decisions) {
  std::vector<std::string> names;
  for (auto count = decisions.below(4); count > 0; --count) names.emplace_back(decisions.text());
  return names;
}

// A list of extensions as it may be sent; empty when the text is none.
inline std::string take_extensions(Decisions& decisions) {
  const std::string text(strip_spaces(decisions.text()));
  const std::vector<http::Field> fields = {{"Sec-WebSocket-Extensions", text}};
  return NaiveOffers::parse(http::Fields(fields)) ? text : std::string();
}

}  // namespace duplex::fuzz

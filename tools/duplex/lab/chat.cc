// The WebSocket of the lab's chat.
#include "chat.h"

#include <any>
#include <chrono>
#include <string>
#include <utility>

#include "../serve/query.h"
#include "duplex/codec/utf8.h"
#include "duplex/http/target.h"
#include "duplex/websocket/handshake.h"

namespace duplex::tools::lab {
namespace {

// What a visitor has said in the second under way.
struct Pace {
  net::Clock::time_point second = {};
  std::uint32_t words = 0;
};

bool is_name(const std::optional<std::string>& text) {
  return text && !text->empty() && text->size() <= ChatLimits::max_name_size &&
         codec::is_valid_utf8(as_bytes(*text));
}

}  // namespace

int judge_chat_opening(const http::Request& request) {
  const bool named = is_name(http::query_parameter(request.query, "room")) &&
                     is_name(http::query_parameter(request.query, "name"));
  return named ? 101 : 400;
}

void Chat::add_route() {
  server_.websocket(
      "/lab/chat",
      {.on_open = [this](Connection& peer, const http::Request& request) { enter(peer, request); },
       .on_message = [this](Connection& peer, Message message) { hear(peer, message.text()); },
       .on_close =
           [this](Connection& peer, const CloseEvent&) {
             with_hub_([visitor = Visitor{loop_, peer.id()}](ChatHub& hub) { hub.leave(visitor); });
           }},
      {.allowed_origins = {std::string(websocket::own_origin)},
       .protocol = &protocol_,
       .authorize = judge_chat_opening});
}

void Chat::enter(Connection& peer, const http::Request& request) {
  peer.user_data() = Pace{};
  with_hub_([visitor = Visitor{loop_, peer.id()},
             room = http::query_parameter(request.query, "room").value_or(""),
             name = http::query_parameter(request.query, "name").value_or(""),
             after = query_number(request.query, "after")](ChatHub& hub) {
    hub.enter(visitor, room, name, after);
  });
}

void Chat::hear(Connection& peer, std::string_view text) {
  constexpr std::string_view say = "say ";
  const Visitor visitor{loop_, peer.id()};
  if (text == "cable") return peer.abort();
  if (speaks_too_fast(peer)) return peer.close(CloseCode::policy_violation, "too many words");
  if (text == "typing") return with_hub_([visitor](ChatHub& hub) { hub.type(visitor); });
  if (!text.starts_with(say)) {
    return peer.close(CloseCode::policy_violation, "say TEXT, typing or cable");
  }
  text.remove_prefix(say.size());
  if (text.empty() || text.size() > ChatLimits::max_text_size) {
    return peer.close(CloseCode::policy_violation, "a text has 1 to 500 bytes");
  }
  with_hub_([visitor, words = std::string(text)](ChatHub& hub) { hub.say(visitor, words); });
}

bool Chat::speaks_too_fast(Connection& peer) const {
  Pace& pace = *std::any_cast<Pace>(&peer.user_data());
  const auto now = server_.loop().now();
  if (now - pace.second >= std::chrono::seconds(1)) pace = {.second = now, .words = 0};
  return ++pace.words > ChatLimits::max_per_second;
}

}  // namespace duplex::tools::lab

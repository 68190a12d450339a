// The connections to Redis that the adapters of one server share.
#include "cluster/hub.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "net/reactor.h"
#include "socketio/message_parts.h"

namespace duplex::cluster {
namespace {

// What servers say around what clients may say: {"data":{"sockets":[{"handshake":{"auth":...}}]}}.
constexpr std::size_t levels_around = 5;

constexpr std::size_t unknown_count = 1;  // this server itself

// [channel, subscribers].
std::size_t subscribers_in(const redis::Reply& reply) noexcept {
  if (!reply || reply->items.size() != 2) return unknown_count;
  return static_cast<std::size_t>(std::max<std::int64_t>(reply->items[1].integer, 1));
}

}  // namespace

Hub::Hub(net::EventLoop& on, std::string_view url, RedisOptions given)
    : loop(on),
      options(std::move(given)),
      client(on, url,
             tell("publishing",
                  [this] {
                    if (on_connect) on_connect();
                  }),
             options.client),
      channels(on, url, tell("listening"), options.client,
               [this](std::string what) { complain(std::move(what)); }) {
  std::size_t& depth = options.message.max_depth;
  depth += std::min(levels_around, std::numeric_limits<std::size_t>::max() - depth);
}

redis::ConnectionHandlers Hub::tell(std::string who, std::function<void()> on_up) {
  return {.on_connect = std::move(on_up),
          .on_disconnect = [this, who = std::move(who)](const redis::Error& error) {
            complain(who + ": " + error.message);
          }};
}

void Hub::complain(std::string what) {
  if (!options.on_error) return;
  if (complaints_.empty()) {
    loop.run_after({}, [weak = weak_from_this()] { pass_on_complaints(weak); });
  }
  complaints_.push_back(std::move(what));
}

// Whoever hears of one may end the server: then the others are of no interest.
void Hub::pass_on_complaints(const std::weak_ptr<Hub>& weak) {
  std::vector<std::string> all;
  if (const auto self = weak.lock()) all.swap(self->complaints_);
  for (const std::string& what : all) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->loop.reactor().guard([&] { self->options.on_error(what); });
  }
}

void Hub::complain_of(const std::string& fault, const std::string& nsp) {
  if (!socketio::is_foreign(fault)) complain("namespace '" + nsp + "': " + fault);
}

void Hub::hand(events::AdapterHost& host, const socketio::ClusterMessage& message) {
  const auto self = shared_from_this();
  const std::string nsp = host.name();
  if (const std::string why = host.receive(message); !why.empty()) complain_of(why, nsp);
}

void Hub::publish(std::string_view command, const std::string& channel,
                  const std::string& content) {
  const auto on_reply = [this](const redis::Reply& reply) {
    if (!reply && reply.error().refused) complain("publishing: " + reply.error().message);
  };
  if (client.command({command, channel, content}, on_reply)) return;
  complain("channel '" + channel + "': too much waits for Redis, a message is lost");
}

void Hub::count(std::string_view command, const std::string& channel, std::weak_ptr<void> alive,
                const std::function<void(std::size_t)>& handler) {
  const auto on_reply = [handler, alive = std::move(alive)](const redis::Reply& reply) {
    if (!alive.expired()) handler(subscribers_in(reply));
  };
  if (!client.command({"PUBSUB", command, channel}, on_reply)) handler(unknown_count);
}

std::string escaped_pattern(std::string_view text) {
  constexpr std::string_view special = "*?[]\\^";
  std::string pattern;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace duplex::cluster

// Messages that others publish on Redis: which of its pushes is meant for whom.
#include "duplex/redis/subscriber.h"

#include <array>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "redis/link.h"

namespace duplex::redis {
namespace {

// The three ways to subscribe, and the words for them.
enum class Way : std::uint8_t { channel, pattern, shard };
constexpr std::array ways = {Way::channel, Way::pattern, Way::shard};

struct Words {
  std::string_view command;
  std::string_view end_command;
  std::string_view subscribed;
  std::string_view ended;
  std::string_view message;
};

constexpr std::array<Words, 3> words = {
    Words{"SUBSCRIBE", "UNSUBSCRIBE", "subscribe", "unsubscribe", "message"},
    Words{"PSUBSCRIBE", "PUNSUBSCRIBE", "psubscribe", "punsubscribe", "pmessage"},
    Words{"SSUBSCRIBE", "SUNSUBSCRIBE", "ssubscribe", "sunsubscribe", "smessage"}};

constexpr const Words& words_of(Way way) { return words[static_cast<std::size_t>(way)]; }

// Shared with the call of one of them, during which the subscription may end.
using Handlers = std::shared_ptr<const SubscriptionHandlers>;

// A command without an answer: Redis answers them in their order.
struct Request {
  enum class Kind : std::uint8_t { begin, end, ping };
  Kind kind = Kind::ping;
  Way way = Way::channel;
  std::string name = {};
};

}  // namespace

// Owner: a Subscriber; after that the dying list of the loop, so that a handler may destroy it.
class Subscriber::Impl final : private LinkOwner, private net::Mortal {
 public:
  Impl(net::EventLoop& loop, Url url, ConnectionHandlers handlers, const ClientOptions& options)
      : reactor_(loop.reactor()),
        handlers_(std::move(handlers)),
        options_(options),
        link_(reactor_, std::move(url), options_, *this) {}

  bool subscribe(Way way, std::string_view name, SubscriptionHandlers handlers);
  void unsubscribe(Way way, std::string_view name);
  bool is_connected() const noexcept { return link_.is_up(); }
  void close() noexcept;
  void abandon() noexcept;

 private:
  using Subscriptions = std::map<std::string, Handlers, std::less<>>;

  void on_link_up() override;
  void on_reply(codec::RespValue reply) override;
  void on_link_down(Error error) noexcept override;
  void on_silence() override { ask({.kind = Request::Kind::ping}); }
  void destroy() override { delete this; }

  Subscriptions& of(Way way) { return subscriptions_[static_cast<std::size_t>(way)]; }
  bool has_room() const noexcept { return asked_.size() < options_.max_pending_commands; }
  Handlers find(Way way, std::string_view name);
  void ask(Request request);
  bool take_message(const codec::RespValue& push);
  bool take_answer(const codec::RespValue& reply);
  bool take_end_unasked(const codec::RespValue& push);
  void confirm(const Request& request);
  void refuse(const Request& request, const Error& error);
  template <class F, class... Arguments>
  void call(const F& handler, const Arguments&... arguments) noexcept;

  net::Reactor& reactor_;
  ConnectionHandlers handlers_;
  ClientOptions options_;
  std::array<Subscriptions, 3> subscriptions_;
  std::deque<Request> asked_;
  std::size_t restoring_ = 0;  // answers until all is subscribed again, of the first of them
  bool closed_ = false;        // no handler is called any more
  Link link_;
};

template <class F, class... Arguments>
void Subscriber::Impl::call(const F& handler, const Arguments&... arguments) noexcept {
  if (handler && !closed_) reactor_.guard([&] { handler(arguments...); });
}

// --- Subscriptions -------------------------------------------------------------------------------

bool Subscriber::Impl::subscribe(Way way, std::string_view name, SubscriptionHandlers handlers) {
  if (closed_ || !has_room()) return false;
  of(way).insert_or_assign(std::string(name),
                           std::make_shared<const SubscriptionHandlers>(std::move(handlers)));
  if (link_.is_up()) ask({.kind = Request::Kind::begin, .way = way, .name = std::string(name)});
  return true;
}

// What Redis is not told is not listened to, and over with the connection.
void Subscriber::Impl::unsubscribe(Way way, std::string_view name) {
  const auto found = of(way).find(name);
  if (found == of(way).end()) return;
  of(way).erase(found);
  if (!link_.is_up() || !has_room()) return;
  ask({.kind = Request::Kind::end, .way = way, .name = std::string(name)});
}

Handlers Subscriber::Impl::find(Way way, std::string_view name) {
  const auto found = of(way).find(name);
  return found == of(way).end() ? nullptr : found->second;
}

// One name in each command, so that an error tells whom it is about.
void Subscriber::Impl::ask(Request request) {
  Command command = {"PING"};
  const Words& its = words_of(request.way);
  if (request.kind == Request::Kind::begin) command = {its.command, request.name};
  if (request.kind == Request::Kind::end) command = {its.end_command, request.name};
  const SharedBytes bytes = encode(command);
  asked_.push_back(std::move(request));
  try {
    link_.send(bytes);
  } catch (...) {
    asked_.pop_back();
    throw;
  }
}

// --- What the link tells -------------------------------------------------------------------------

void Subscriber::Impl::on_link_up() {
  for (const Way way : ways) {
    for (const auto& [name, handlers] : of(way)) {
      ask({.kind = Request::Kind::begin, .way = way, .name = name});
    }
  }
  restoring_ = asked_.size();
  if (restoring_ == 0) call(handlers_.on_connect);
}

void Subscriber::Impl::on_reply(codec::RespValue reply) {
  if (take_message(reply) || take_answer(reply) || take_end_unasked(reply)) return;
  link_.fail("a push that belongs to no subscription");
}

void Subscriber::Impl::on_link_down(Error error) noexcept {
  asked_.clear();
  call(handlers_.on_disconnect, error);
}

// [message channel bytes], [pmessage pattern channel bytes], [smessage channel bytes]
bool Subscriber::Impl::take_message(const codec::RespValue& push) {
  const auto& items = push.items;
  for (const Way way : ways) {
    const std::size_t size = way == Way::pattern ? 4 : 3;
    if (items.size() != size || !items[0].says(words_of(way).message)) continue;
    // The one who has just unsubscribed may still be sent some.
    const Handlers handlers = find(way, items[1].text);
    const std::string_view channel = items[size - 2].text;
    if (handlers) call(handlers->on_message, channel, as_bytes(items[size - 1].text));
    return true;
  }
  return false;
}

// [subscribe channel 1] and its kin, +PONG or [pong ""], or an error: of the first request.
bool Subscriber::Impl::take_answer(const codec::RespValue& reply) {
  if (asked_.empty()) return false;
  const Request& first = asked_.front();
  const bool begins = first.kind == Request::Kind::begin;
  const Words& expected = words_of(first.way);
  const auto& items = reply.items;
  const bool is_pong = reply.says("PONG") || (items.size() == 2 && items[0].says("pong"));
  const bool is_confirmed = items.size() == 3 &&
                            items[0].says(begins ? expected.subscribed : expected.ended) &&
                            items[1].says(first.name);
  const bool fits = first.kind == Request::Kind::ping ? is_pong : is_confirmed;
  if (!fits && !reply.is_error()) return false;
  const Request request = std::move(asked_.front());
  asked_.pop_front();
  if (reply.is_error()) {
    refuse(request, {.message = reply.text, .refused = true});
  } else {
    confirm(request);
  }
  if (restoring_ > 0 && --restoring_ == 0) call(handlers_.on_connect);
  return true;
}

// Redis ends subscriptions of a shard that it gives away.
bool Subscriber::Impl::take_end_unasked(const codec::RespValue& push) {
  if (push.items.size() != 3 || !push.items[0].says(words_of(Way::shard).ended)) return false;
  refuse({.kind = Request::Kind::begin, .way = Way::shard, .name = push.items[1].text},
         {.message = "the shard of this channel has moved", .refused = true});
  return true;
}

void Subscriber::Impl::confirm(const Request& request) {
  if (request.kind != Request::Kind::begin) return;
  if (const Handlers handlers = find(request.way, request.name)) call(handlers->on_subscribed);
}

void Subscriber::Impl::refuse(const Request& request, const Error& error) {
  if (request.kind == Request::Kind::ping) return;
  if (const Handlers handlers = find(request.way, request.name)) call(handlers->on_refused, error);
}

void Subscriber::Impl::close() noexcept {
  closed_ = true;
  link_.close();
  for (Subscriptions& each : subscriptions_) each.clear();
  asked_.clear();
}

void Subscriber::Impl::abandon() noexcept {
  close();
  reactor_.bury(*this);
}

// --- The public face -----------------------------------------------------------------------------

Subscriber::Subscriber(net::EventLoop& loop, std::string_view url, ConnectionHandlers handlers,
                       ClientOptions options)
    : impl_(std::make_unique<Impl>(loop, url_or_throw(url), std::move(handlers), options)) {}

Subscriber::~Subscriber() { impl_.release()->abandon(); }

bool Subscriber::subscribe(std::string_view channel, SubscriptionHandlers handlers) {
  return impl_->subscribe(Way::channel, channel, std::move(handlers));
}

bool Subscriber::psubscribe(std::string_view pattern, SubscriptionHandlers handlers) {
  return impl_->subscribe(Way::pattern, pattern, std::move(handlers));
}

bool Subscriber::ssubscribe(std::string_view channel, SubscriptionHandlers handlers) {
  return impl_->subscribe(Way::shard, channel, std::move(handlers));
}

void Subscriber::unsubscribe(std::string_view channel) {
  impl_->unsubscribe(Way::channel, channel);
}

void Subscriber::punsubscribe(std::string_view pattern) {
  impl_->unsubscribe(Way::pattern, pattern);
}

void Subscriber::sunsubscribe(std::string_view channel) { impl_->unsubscribe(Way::shard, channel); }

bool Subscriber::is_connected() const noexcept { return impl_->is_connected(); }

void Subscriber::close() noexcept { impl_->close(); }

}  // namespace duplex::redis

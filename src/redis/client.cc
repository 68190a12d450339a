// A client of Redis: which answer belongs to which command.
#include "duplex/redis/client.h"

#include <deque>
#include <utility>

#include "redis/link.h"

namespace duplex::redis {
namespace {

// A command, or a transaction, without an answer.
struct Pending {
  SharedBytes bytes = {};  // until they are sent
  std::size_t size = 0;
  std::size_t replies = 1;  // that are missing; the last one is the answer
  ReplyHandler on_reply = {};
};

Pending make_pending(const Command& command, ReplyHandler on_reply) {
  Pending pending = {.bytes = encode(command), .on_reply = std::move(on_reply)};
  pending.size = pending.bytes->size();
  return pending;
}

Pending make_pending(const std::vector<Command>& commands, ReplyHandler on_reply) {
  std::vector<std::byte> bytes = codec::write_resp_command(Command{"MULTI"});
  for (const Command& each : commands) codec::append_resp_command(bytes, each);
  codec::append_resp_command(bytes, Command{"EXEC"});
  const std::size_t size = bytes.size();
  return {.bytes = std::make_shared<const std::vector<std::byte>>(std::move(bytes)),
          .size = size,
          .replies = commands.size() + 2,
          .on_reply = std::move(on_reply)};
}

Reply answer_of(codec::RespValue reply) {
  if (!reply.is_error()) return reply;
  return Failure{Error{.message = std::move(reply.text), .refused = true}};
}

}  // namespace

// Owner: a Client; after that the dying list of the loop, so that a handler may destroy it.
class Client::Impl final : private LinkOwner, private net::Mortal {
 public:
  Impl(net::EventLoop& loop, Url url, ConnectionHandlers handlers, const ClientOptions& options)
      : reactor_(loop.reactor()),
        handlers_(std::move(handlers)),
        options_(options),
        link_(reactor_, std::move(url), options_, *this) {}

  bool queue(Pending pending);
  bool is_connected() const noexcept { return link_.is_up(); }
  std::size_t pending_count() const noexcept { return pending_.size(); }
  void close() noexcept;
  void abandon() noexcept;

 private:
  void on_link_up() override;
  void on_reply(codec::RespValue reply) override;
  void on_link_down(Error error) noexcept override;
  void on_silence() override { queue(make_pending({"PING"}, {})); }
  void destroy() override { delete this; }

  void send(Pending& pending);
  Pending take_first() noexcept;
  template <class F, class... Arguments>
  void call(const F& handler, const Arguments&... arguments) noexcept;

  net::Reactor& reactor_;
  ConnectionHandlers handlers_;
  ClientOptions options_;
  std::deque<Pending> pending_;
  std::size_t sent_ = 0;  // so many of the first of them
  std::size_t size_ = 0;  // bytes of all of them
  bool closed_ = false;   // no handler is called any more
  Link link_;
};

template <class F, class... Arguments>
void Client::Impl::call(const F& handler, const Arguments&... arguments) noexcept {
  if (handler && !closed_) reactor_.guard([&] { handler(arguments...); });
}

// --- Commands ------------------------------------------------------------------------------------

bool Client::Impl::queue(Pending pending) {
  const bool has_room = pending_.size() < options_.max_pending_commands &&
                        pending.size <= options_.max_pending_size - size_;
  if (closed_ || !has_room) return false;
  pending_.push_back(std::move(pending));
  try {
    if (link_.is_up()) send(pending_.back());
  } catch (...) {
    pending_.pop_back();
    throw;
  }
  size_ += pending_.back().size;
  return true;
}

void Client::Impl::send(Pending& pending) {
  link_.send(pending.bytes);
  pending.bytes.reset();
  ++sent_;
}

Pending Client::Impl::take_first() noexcept {
  Pending first = std::move(pending_.front());
  pending_.pop_front();
  size_ -= first.size;
  return first;
}

// --- What the link tells -------------------------------------------------------------------------

void Client::Impl::on_link_up() {
  while (sent_ < pending_.size()) send(pending_[sent_]);
  call(handlers_.on_connect);
}

void Client::Impl::on_reply(codec::RespValue reply) {
  if (sent_ == 0) return link_.fail("an answer that belongs to no command");
  if (--pending_.front().replies > 0) return;
  --sent_;
  const Pending done = take_first();
  call(done.on_reply, answer_of(std::move(reply)));
}

// What a handler adds meanwhile waits for the next connection.
void Client::Impl::on_link_down(Error error) noexcept {
  const Reply lost = Failure{std::move(error)};
  for (std::size_t left = std::exchange(sent_, 0); left > 0 && !closed_; --left) {
    const Pending failed = take_first();
    call(failed.on_reply, lost);
  }
  call(handlers_.on_disconnect, lost.error());
}

// A handler that is running is no longer among those that are pending.
void Client::Impl::close() noexcept {
  closed_ = true;
  link_.close();
  pending_.clear();
  sent_ = 0;
  size_ = 0;
}

void Client::Impl::abandon() noexcept {
  close();
  reactor_.bury(*this);
}

// --- The public face -----------------------------------------------------------------------------

Client::Client(net::EventLoop& loop, std::string_view url, ConnectionHandlers handlers,
               ClientOptions options)
    : impl_(std::make_unique<Impl>(loop, url_or_throw(url), std::move(handlers), options)) {}

Client::~Client() { impl_.release()->abandon(); }

bool Client::command(const Command& command, ReplyHandler on_reply) {
  return impl_->queue(make_pending(command, std::move(on_reply)));
}

bool Client::transaction(const std::vector<Command>& commands, ReplyHandler on_reply) {
  return impl_->queue(make_pending(commands, std::move(on_reply)));
}

bool Client::is_connected() const noexcept { return impl_->is_connected(); }

std::size_t Client::pending_count() const noexcept { return impl_->pending_count(); }

void Client::close() noexcept { impl_->close(); }

}  // namespace duplex::redis

// A namespace's part in a cluster; see cluster.h.
#include "events/cluster.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "events/namespace_core.h"
#include "events/socket_server_impl.h"

namespace duplex::events {
namespace {

// How long the answers of clients to a broadcast over servers are awaited where no time-out is
// asked for: a server that dies with them says nothing.
constexpr auto longest_patience = std::chrono::minutes(1);

}  // namespace

Cluster::Cluster(NamespaceCore& nsp, std::chrono::milliseconds request_timeout)
    : nsp_(nsp), request_timeout_(request_timeout) {}

void Cluster::start(const AdapterFactory& make) { adapter_ = make(*this); }

const std::string& Cluster::name() const noexcept { return nsp_.name_text; }
net::EventLoop& Cluster::loop() const noexcept { return nsp_.loop; }

bool Cluster::has_room(std::string_view room) const noexcept { return nsp_.count_in(room) > 0; }

std::vector<std::string> Cluster::room_names() const { return nsp_.room_names(); }

// --- To the others -------------------------------------------------------------------------------

void Cluster::tell(ClusterMessage message) {
  message.uid = adapter_->uid();
  adapter_->publish(std::make_shared<const ClusterMessage>(std::move(message)), {});
}

void Cluster::broadcast(Target target, Event event, const EmitFlags& flags) {
  auto message =
      std::make_shared<ClusterMessage>(ClusterMessage{.uid = adapter_->uid(),
                                                      .target = std::move(target),
                                                      .flags = flags,
                                                      .values = std::move(event.values)});
  if (event.on_ack) return broadcast_for_acks(std::move(*message), std::move(event.on_ack));
  adapter_->publish(message, [weak = weak_from_this(), message](std::string_view offset) {
    const auto self = weak.lock();
    if (self == nullptr || self->nsp_.server == nullptr) return;
    const auto held = self->nsp_.shared_from_this();
    self->deliver(*message, offset);
  });
}

// Who comes again says the offset of the last event that it has.
void Cluster::deliver(const ClusterMessage& message, std::string_view offset) {
  JsonArray values = message.values;
  if (keeps_events() && !message.flags.droppable && !offset.empty()) values.emplace_back(offset);
  nsp_.deliver(message.target, {}, std::move(values), message.flags);
}

bool Cluster::keeps_events() const noexcept {
  return adapter_->keeps_events() && nsp_.server->options().recovery.has_value();
}

// Who hears what is sent to the sockets here may end the server.
void Cluster::broadcast_for_acks(ClusterMessage message, AckHandler handler) {
  const auto self = shared_from_this();
  message.request = new_request_id();
  const auto answers = std::make_shared<Answers>(
      [weak = weak_from_this(), id = message.request, handler = std::move(handler)](AckReply& all) {
        if (const auto later = weak.lock()) later->broadcasts_.erase(id);
        handler(all);
      });
  broadcasts_[message.request] = answers;
  const auto patience =
      message.flags.timeout.count() > 0 ? message.flags.timeout : longest_patience;
  answers->expect_unknown_servers();
  answers->expect_clients(nsp_.ask(
      message.target, {}, message.values, message.flags,
      [answers](AckStatus status, Json value) { answers->take(status, std::move(value)); }));
  if (nsp_.server == nullptr) return;
  tell(std::move(message));
  count_servers([answers](Cluster&, std::size_t servers) {
    answers->expect_servers(servers - 1);
    answers->finish_if_complete();
  });
  finish_after(patience, answers, &Answers::give_up);
  // Servers say at once whom they have asked.
  finish_after(request_timeout_, answers, &Answers::give_up_on_servers);
}

// They are gone by then once they are complete.
void Cluster::finish_after(std::chrono::milliseconds time, const std::shared_ptr<Answers>& all,
                           void (Answers::*end)() noexcept) {
  loop().run_after(time, [weak = weak_from_this(), late = std::weak_ptr(all), end] {
    const auto answers = late.lock();
    if (weak.expired() || answers == nullptr) return;
    (*answers.*end)();
    answers->finish_if_complete();
  });
}

void Cluster::fetch(Target target, std::vector<RemoteSocket> here, Fetched handler) {
  ask({.type = Type::fetch_sockets, .target = std::move(target)},
      [here = std::move(here), handler = std::move(handler)](Request& request) mutable {
        auto& sockets = request.fetched.sockets;
        sockets.insert(sockets.begin(), std::make_move_iterator(here.begin()),
                       std::make_move_iterator(here.end()));
        handler(std::move(request.fetched));
      });
}

void Cluster::server_side_emit(Event event) {
  ClusterMessage message = {.type = Type::server_side_emit, .values = std::move(event.values)};
  if (!event.on_ack) return tell(std::move(message));
  ask(std::move(message), [handler = std::move(event.on_ack)](Request& request) {
    if (request.missing > 0) request.reply.status = AckStatus::timed_out;
    handler(request.reply);
  });
}

// --- Asking them ---------------------------------------------------------------------------------

std::string Cluster::new_request_id() { return nsp_.server->random_id(); }

void Cluster::ask(ClusterMessage message, std::function<void(Request&)> done) {
  message.request = new_request_id();
  const std::string id = message.request;
  requests_[id] = {.done = std::move(done),
                   .timer = loop().run_after(request_timeout_, [weak = weak_from_this(), id] {
                     if (const auto self = weak.lock()) self->finish(id);
                   })};
  tell(std::move(message));
  count_servers([id](Cluster& self, std::size_t servers) { self.count_others(id, servers); });
}

// `act` comes in a later turn, as handlers are not to be called from inside a call.
void Cluster::count_servers(std::function<void(Cluster&, std::size_t)> act) {
  adapter_->count_servers([weak = weak_from_this(), act = std::move(act)](std::size_t servers) {
    const auto self = weak.lock();
    if (self == nullptr || self->nsp_.server == nullptr) return;
    self->loop().run_after({}, [weak, act, servers] {
      if (const auto later = weak.lock()) act(*later, servers);
    });
  });
}

void Cluster::count_others(const std::string& id, std::size_t servers) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return;
  found->second.missing += static_cast<std::ptrdiff_t>(servers) - 1;
  found->second.is_counted = true;
  finish_if_complete(id);
}

void Cluster::finish_if_complete(const std::string& id) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return;
  if (found->second.is_counted && found->second.missing <= 0) finish(id);
}

// A dead server costs its part, not the whole.
void Cluster::finish(const std::string& id) {
  auto request = requests_.extract(id);
  if (request.empty() || nsp_.server == nullptr) return;
  Request& done = request.mapped();
  loop().cancel(done.timer);
  done.fetched.silent_servers = static_cast<std::size_t>(std::max<std::ptrdiff_t>(done.missing, 0));
  done.done(done);
}

// --- From the others -----------------------------------------------------------------------------

void Cluster::give_up(const std::string& secret) {
  const auto held = nsp_.shared_from_this();
  nsp_.give_up(secret);
}

std::string Cluster::receive(const ClusterMessage& message) {
  const auto self = shared_from_this();
  const auto held = nsp_.shared_from_this();
  const bool is_own = !message.uid.empty() && message.uid == adapter_->uid();
  if (nsp_.server == nullptr || is_own) return {};
  if (message.type == Type::broadcast) {
    if (std::string fault = nsp_.fault_of(message.values); !fault.empty()) return fault;
  }
  try {
    act_on(message);
  } catch (const std::length_error& error) {
    return error.what();
  }
  return {};
}

void Cluster::act_on(const ClusterMessage& message) {
  switch (message.type) {
    case Type::fetched_sockets:
    case Type::server_side_ack:
    case Type::listed_sockets:
    case Type::listed_rooms:
      return take_answer(message);
    case Type::client_count:
    case Type::broadcast_ack:
      return take_broadcast_answer(message);
    default:
      return carry_out(message);
  }
}

void Cluster::take_answer(const ClusterMessage& message) {
  const auto found = requests_.find(message.request);
  if (found == requests_.end()) return;  // too late, or another server's
  Request& request = found->second;
  --request.missing;
  auto& sockets = request.fetched.sockets;
  sockets.insert(sockets.end(), message.sockets.begin(), message.sockets.end());
  if (message.type == Type::server_side_ack) request.reply.values.push_back(message.value);
  finish_if_complete(message.request);
}

void Cluster::take_broadcast_answer(const ClusterMessage& message) {
  const auto found = broadcasts_.find(message.request);
  if (found == broadcasts_.end()) return;
  const auto answers = found->second;
  if (message.type == Type::client_count) {
    answers->server_has(message.count);
  } else {
    answers->take(AckStatus::answered, message.value);
  }
}

void Cluster::carry_out(const ClusterMessage& message) {
  switch (message.type) {
    case Type::broadcast:
      return message.request.empty() ? deliver(message, message.offset) : answer_broadcast(message);
    case Type::sockets_join:
    case Type::sockets_leave:
    case Type::disconnect_sockets:
      return nsp_.carry_out(message);
    case Type::fetch_sockets:
      return answer(message,
                    {.type = Type::fetched_sockets, .sockets = nsp_.describe(message.target, {})});
    case Type::server_side_emit:
      return answer_server_side(message);
    case Type::list_sockets:
      return answer(message, {.type = Type::listed_sockets, .rooms = ids_of(message.target)});
    case Type::list_rooms:
      return answer(message, {.type = Type::listed_rooms, .rooms = nsp_.room_names()});
    default:
      return;
  }
}

std::vector<std::string> Cluster::ids_of(const Target& target) const {
  std::vector<std::string> ids;
  for (const auto& socket : nsp_.sockets_of(target, {})) ids.push_back(socket->id_text);
  return ids;
}

void Cluster::answer(const ClusterMessage& request, ClusterMessage answer) {
  answer.uid = adapter_->uid();
  answer.request = request.request;
  adapter_->answer(request.uid, std::make_shared<const ClusterMessage>(std::move(answer)));
}

// How many will answer, and then each answer.
void Cluster::answer_broadcast(const ClusterMessage& message) {
  const ClusterMessage head = {.uid = message.uid, .request = message.request};
  const auto pass_on = [weak = weak_from_this(), head](AckStatus status, Json value) {
    const auto self = weak.lock();
    if (self == nullptr || self->nsp_.server == nullptr || status != AckStatus::answered) return;
    self->answer(head, {.type = Type::broadcast_ack, .value = std::move(value)});
  };
  const std::size_t count = nsp_.ask(message.target, {}, message.values, message.flags, pass_on);
  answer(message, {.type = Type::client_count, .count = count});
}

void Cluster::answer_server_side(const ClusterMessage& message) {
  Ack ack;
  if (!message.request.empty()) {
    const ClusterMessage head = {.uid = message.uid, .request = message.request};
    ack = Ack([weak = weak_from_this(), head](JsonArray values) {
      const auto self = weak.lock();
      if (self == nullptr || self->nsp_.server == nullptr) return;
      Json first = values.empty() ? Json() : std::move(values[0]);
      self->answer(head, {.type = Type::server_side_ack, .value = std::move(first)});
    });
  }
  const std::string name = *message.values[0].text();
  nsp_.server_side().call(name, Values(message.values).subspan(1), ack);
}

}  // namespace duplex::events

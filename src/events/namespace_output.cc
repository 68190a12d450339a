// What a namespace sends to its sockets, and asks them; see namespace_core.h.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/first_failure.h"
#include "events/namespace_core.h"
#include "events/socket_link.h"
#include "events/socket_server_impl.h"

namespace duplex::events {
namespace {

// The receiver's own room names it as well as it does.
Target without(Target target, std::string_view sender) {
  if (!sender.empty()) target.except.emplace_back(sender);
  return target;
}

}  // namespace

template <class F>
void NamespaceCore::for_each_in(std::string_view room, F&& visit) {
  rooms_.for_each(room, [&](endpoint::Subscriber& each) { visit(static_cast<SocketCore&>(each)); });
  if (SocketCore* const own = find_core(room)) visit(*own);
}

template <class F>
void NamespaceCore::for_each(const Target& target, std::string_view sender, F&& visit) {
  ++mark_;
  const auto skip = [this](SocketCore& socket) { socket.mark = mark_; };
  const auto visit_once = [&](SocketCore& socket) {
    if (socket.state != SocketCore::State::connected) return;
    if (std::exchange(socket.mark, mark_) != mark_) visit(socket);
  };
  if (SocketCore* const core = find_core(sender)) skip(*core);
  for (const std::string& room : target.except) for_each_in(room, skip);
  for (const std::string& room : target.rooms) for_each_in(room, visit_once);
  if (!target.rooms.empty()) return;
  for (auto next = sockets_.begin(); next != sockets_.end();) {
    SocketCore& socket = *next->second;
    if (++next != sockets_.end())
      __builtin_prefetch(next->second.get());  // thousands fill no cache
    visit_once(socket);
  }
}

std::vector<std::shared_ptr<SocketCore>> NamespaceCore::sockets_of(const Target& target,
                                                                   std::string_view sender) {
  std::vector<std::shared_ptr<SocketCore>> all;
  for_each(target, sender, [&](SocketCore& each) { all.push_back(each.shared_from_this()); });
  return all;
}

// Who has got it, if that is `wanted`.
std::vector<std::shared_ptr<SocketCore>> NamespaceCore::send(const socketio::Packet& packet,
                                                             const Target& target,
                                                             std::string_view sender,
                                                             const EmitFlags& flags, bool wanted) {
  std::vector<std::shared_ptr<SocketCore>> receivers;
  Frames frames(packet, *server, flags.compress);
  for_each(target, sender, [&](SocketCore& socket) {
    if (socket.deliver(frames, flags.droppable) && wanted)
      receivers.push_back(socket.shared_from_this());
  });
  return receivers;
}

void NamespaceCore::check_attachments(const JsonArray& values) const {
  if (const std::string fault = excess_in(values); !fault.empty()) throw std::length_error(fault);
}

std::string NamespaceCore::excess_in(const JsonArray& values) const {
  const SocketServerOptions& options = server->options();
  if (options.parser == socketio::Parser::msgpack) return {};
  std::size_t count = 0;
  for (const Json& value : values) count += socketio::count_attachments(value);
  const std::size_t most = options.packets.max_attachments;
  if (count <= most) return {};
  return std::to_string(count) + " attachments, above the limit of " + std::to_string(most);
}

std::string NamespaceCore::fault_of(const JsonArray& values) const {
  const std::string* const name = values.empty() ? nullptr : values[0].text();
  if (name == nullptr) return "an event without a name";
  if (socketio::is_reserved(*name)) return "an event of the reserved name '" + *name + "'";
  const std::string excess = excess_in(values);
  return excess.empty() ? excess : "the event '" + *name + "': " + excess;
}

void NamespaceCore::broadcast_to_children(const Target& target, const Event& event,
                                          const EmitFlags& flags) {
  FirstFailure failure;
  for (const auto& child : server->children_of(*this)) {
    if (child->server == nullptr) continue;  // a handler has ended it meanwhile
    failure.run([&] { child->broadcast(target, {}, {.values = event.values}, flags); });
  }
  failure.rethrow();
}

void NamespaceCore::broadcast(const Target& target, std::string_view sender, Event event,
                              const EmitFlags& flags) {
  const auto self = shared_from_this();
  if (is_parent() && !event.on_ack) return broadcast_to_children(target, event, flags);
  if (cluster_ != nullptr && !flags.local) {
    return cluster_->broadcast(without(target, sender), std::move(event), flags);
  }
  if (!event.on_ack) return deliver(target, sender, std::move(event.values), flags);
  const auto answers = std::make_shared<Answers>(std::move(event.on_ack));
  answers->expect_clients(
      ask(target, sender, std::move(event.values), flags,
          [answers](AckStatus status, Json value) { answers->take(status, std::move(value)); }));
  loop.run_after({}, [answers, weak = weak_from_this()] {
    const auto later = weak.lock();
    if (later != nullptr && later->server != nullptr) answers->finish_if_complete();
  });
}

// Middleware may take its time, but not for ever: then whoever it asks about comes again.
void NamespaceCore::keep_for_returning(const JsonArray& values, const Target& target,
                                       std::string_view sender) {
  if (returning_.empty()) return;
  const auto& limits = *server->options().recovery;
  const std::size_t bytes = socketio::Recovery::bytes_of(values);
  std::vector<std::shared_ptr<SocketCore>> late;
  for (SocketCore* const each : returning_) {
    const auto is_in = [each](const std::string& room) { return each->is_in(room); };
    if (each->id_text == sender || std::ranges::any_of(target.except, is_in)) continue;
    if (!target.rooms.empty() && std::ranges::none_of(target.rooms, is_in)) continue;
    each->way_back->missed.push_back(values);
    each->way_back->bytes += bytes;
    if (each->way_back->missed.size() > limits.max_events ||
        each->way_back->bytes > limits.max_event_bytes) {
      late.push_back(each->shared_from_this());
    }
  }
  for (const auto& each : late) each->link->give_up("it misses too much meanwhile");
}

void NamespaceCore::deliver(const Target& target, std::string_view sender, JsonArray values,
                            const EmitFlags& flags) {
  keep(values, target, sender, flags);
  if (!flags.droppable) keep_for_returning(values, target, sender);
  const socketio::Packet packet = {.nsp = name_text, .data = Json(std::move(values))};
  const bool wanted = has_outgoing_;
  for (const auto& socket : send(packet, target, sender, flags, wanted)) {
    socket->notify_outgoing(*packet.data->array());
  }
}

std::size_t NamespaceCore::ask(const Target& target, std::string_view sender, JsonArray values,
                               const EmitFlags& flags, const AnswerTaker& taker) {
  const socketio::Packet packet = {
      .nsp = name_text, .ack_id = next_ack_id(), .data = Json(std::move(values))};
  const auto question = std::make_shared<Question>();
  for (const auto& socket : send(packet, target, sender, flags, true)) {
    question->asked.push_back(socket);
    socket->expect_ack(*packet.ack_id,
                       [taker, question, &on = loop](AckStatus status, JsonArray answer) {
                         if (++question->answered == question->asked.size())
                           on.cancel(question->timer);
                         taker(status, answer.empty() ? Json() : std::move(answer[0]));
                       },
                       {});
  }
  const std::size_t count = question->asked.size();
  if (count > 0 && flags.timeout.count() > 0)
    give_up_after(flags.timeout, question, *packet.ack_id);
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto socket = question->asked[i].lock()) {
      socket->notify_outgoing(*packet.data->array());
    }
  }
  return count;
}

// One timer for all of them.
void NamespaceCore::give_up_after(std::chrono::milliseconds time,
                                  const std::shared_ptr<Question>& question, std::uint64_t ack_id) {
  question->timer = loop.run_after(time, [weak = std::weak_ptr(question), ack_id] {
    const auto late = weak.lock();
    if (late == nullptr) return;
    for (const auto& each : late->asked) {
      if (const auto socket = each.lock()) socket->give_up_ack(ack_id);
    }
  });
}

// The others hear of it whatever happens here.
void NamespaceCore::order(const ClusterMessage& message, const EmitFlags& flags) {
  const auto self = shared_from_this();
  if (cluster_ != nullptr && !flags.local) cluster_->tell(message);
  carry_out(message);
}

// A socket that is in too many rooms already does not keep the others from joining.
void NamespaceCore::carry_out(const ClusterMessage& message) {
  FirstFailure failure;
  for (const auto& socket : sockets_of(message.target, {})) {
    failure.run([&] { carry_out(message, *socket); });
  }
  failure.rethrow();
}

void NamespaceCore::carry_out(const ClusterMessage& message, SocketCore& socket) {
  using Type = ClusterMessage::Type;
  if (message.type == Type::disconnect_sockets) socket.disconnect(message.close);
  FirstFailure failure;
  for (const std::string& room : message.rooms) {
    failure.run(
        [&] { message.type == Type::sockets_join ? join(socket, room) : leave(socket, room); });
  }
  failure.rethrow();
}

void NamespaceCore::fetch(const Target& target, std::string_view sender, const EmitFlags& flags,
                          std::function<void(FetchedSockets)> handler) {
  auto here = describe(target, sender);
  if (cluster_ == nullptr || flags.local) return handler({.sockets = std::move(here)});
  cluster_->fetch(without(target, sender), std::move(here), std::move(handler));
}

std::vector<RemoteSocket> NamespaceCore::describe(const Target& target, std::string_view sender) {
  std::vector<RemoteSocket> all;
  for (const auto& socket : sockets_of(target, sender)) all.push_back(socket->described());
  return all;
}

std::vector<std::string> NamespaceCore::room_names() const {
  std::vector<std::string> names = rooms_.all_topics();
  for (const auto& [id, socket] : sockets_) names.emplace_back(id);
  return names;
}

}  // namespace duplex::events

// A client's namespace: events to the server, those that wait, and their acknowledgements.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "events/client_socket_core.h"

namespace duplex::events {

void ClientSocketCore::emit(Event event, const ClientEmitFlags& flags) {
  const std::string* const name = event.values.empty() ? nullptr : event.values[0].text();
  if (name == nullptr || socketio::is_reserved(*name)) {
    throw std::invalid_argument(name == nullptr ? "an event without name"
                                                : "the name \"" + *name + "\" is reserved");
  }
  if (client == nullptr) return;
  const auto self = shared_from_this();
  if (options.retries && !flags.droppable) return enqueue(std::move(event), flags);
  send_event(std::move(event), flags);
}

void ClientSocketCore::send_event(Event event, const ClientEmitFlags& flags) {
  const bool may_leave = is_connected && waiting_.empty();
  if (flags.droppable && !(may_leave && client->is_writable())) return refuse(std::move(event), {});
  if (!may_leave && waiting_.size() >= options.max_waiting) {
    return refuse(std::move(event), "more than " + std::to_string(options.max_waiting) +
                                        " events wait for a connection");
  }
  Outgoing sent = {.packet = {.nsp = nsp_name, .data = Json(std::move(event.values))},
                   .compress = flags.compress};
  if (event.on_ack) {
    sent.packet.ack_id = next_ack_id_++;
    expect_ack(*sent.packet.ack_id, std::move(event.on_ack),
               flags.timeout.value_or(options.ack_timeout));
  }
  if (may_leave) return transmit(sent);
  waiting_.push_back(std::move(sent));
}

void ClientSocketCore::send_waiting() {
  while (is_connected && !waiting_.empty()) {
    const Outgoing event = std::move(waiting_.front());
    waiting_.pop_front();
    transmit(event);
  }
}

void ClientSocketCore::transmit(const Outgoing& event) {
  const socketio::Packet& packet = event.packet;
  const JsonArray& all = *std::as_const(*packet.data).array();
  const std::string& name = *all[0].text();
  if (const std::string problem = client->send(packet, event.compress); !problem.empty()) {
    if (packet.ack_id) {
      later([id = *packet.ack_id](ClientSocketCore& self) {
        self.settle(id, {.status = AckStatus::disconnected});
      });
    }
    return report(name, problem);
  }
  outgoing.call(name, Values(all).subspan(1), [] { return true; });
}

void ClientSocketCore::send_bare(socketio::PacketType type, std::optional<Json> data) {
  client->send({.type = type, .nsp = nsp_name, .data = std::move(data)});
}

// It will not leave: whoever waits for its answer hears so.
void ClientSocketCore::refuse(Event event, std::string_view why) {
  if (event.on_ack) {
    later([handler = std::move(event.on_ack)](ClientSocketCore&) {
      AckReply reply = {.status = AckStatus::disconnected};
      handler(reply);
    });
  }
  if (!why.empty()) report(*event.values[0].text(), why);
}

// --- Acknowledgements ----------------------------------------------------------------------------

void ClientSocketCore::expect_ack(std::uint64_t id, AckHandler handler,
                                  std::chrono::milliseconds timeout) {
  Waiting& waiting = acks_[id];
  waiting.handler = std::move(handler);
  if (timeout.count() == 0) return;
  waiting.timer = client->loop().run_after(timeout, [weak = weak_from_this(), id] {
    const auto self = weak.lock();
    if (self == nullptr || self->client == nullptr) return;
    // Who waits longest times out first, as a rule: near the front.
    auto& unsent = self->waiting_;
    const auto late =
        std::ranges::find(unsent, id, [](const Outgoing& each) { return each.packet.ack_id; });
    if (late != unsent.end()) unsent.erase(late);
    self->settle(id, {.status = AckStatus::timed_out});
  });
}

// Answers that nobody waits for any more are tolerated.
void ClientSocketCore::settle(std::uint64_t id, AckReply reply) {
  const auto found = acks_.extract(id);
  if (found.empty()) return;
  client->loop().cancel(found.mapped().timer);
  const auto self = shared_from_this();
  found.mapped().handler(reply);
}

// Of those that still wait to be sent the answers may come.
void ClientSocketCore::settle_sent() {
  std::map<std::uint64_t, Waiting> kept;
  for (const Outgoing& event : waiting_) {
    if (event.packet.ack_id) kept.insert(acks_.extract(*event.packet.ack_id));
  }
  for (auto& [id, waiting] : std::exchange(acks_, std::move(kept))) {
    client->loop().cancel(waiting.timer);
    later([handler = std::move(waiting.handler)](ClientSocketCore&) {
      AckReply reply = {.status = AckStatus::disconnected};
      handler(reply);
    });
  }
}

// --- The queue of events that are sent again -----------------------------------------------------

void ClientSocketCore::enqueue(Event event, const ClientEmitFlags& flags) {
  if (queue_.size() >= options.max_waiting) {
    return refuse(std::move(event), "more than " + std::to_string(options.max_waiting) +
                                        " events wait to be acknowledged");
  }
  queue_.push_back({.number = next_number_++,
                    .values = std::move(event.values),
                    .handler = std::move(event.on_ack),
                    .flags = flags});
  drain_queue();
}

void ClientSocketCore::drain_queue() {
  if (!is_connected || queue_.empty() || queue_.front().is_pending) return;
  Queued& head = queue_.front();
  head.is_pending = true;
  ++head.tries;
  Event event = {.values = head.values};
  event.on_ack = [weak = weak_from_this(), number = head.number](AckReply& reply) {
    if (const auto self = weak.lock()) self->on_queue_reply(number, reply);
  };
  send_event(std::move(event), head.flags);
}

void ClientSocketCore::on_queue_reply(std::uint64_t number, AckReply& reply) {
  if (queue_.empty() || queue_.front().number != number) return;
  Queued& head = queue_.front();
  head.is_pending = false;
  AckHandler handler;
  if (reply.status == AckStatus::answered || head.tries > *options.retries) {
    handler = std::move(head.handler);
    queue_.pop_front();
  }
  drain_queue();
  if (handler) handler(reply);
}

}  // namespace duplex::events

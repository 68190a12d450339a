// A client's namespace: coming, going, and what the server says.
#include "events/client_socket_core.h"

#include <utility>

namespace duplex::events {

using socketio::PacketType;

namespace {

const std::string* text_of(const std::optional<Json>& data, std::string_view name) {
  const Json* const member = data ? data->find(name) : nullptr;
  return member == nullptr ? nullptr : member->text();
}

constexpr std::string_view no_sid =
    "the server let it in without an id: it seems to speak an older protocol";

}  // namespace

void ClientSocketCore::later(std::function<void(ClientSocketCore&)> work) {
  client->loop().run_after({}, [weak = weak_from_this(), work = std::move(work)] {
    const auto self = weak.lock();
    if (self != nullptr && self->client != nullptr) work(*self);
  });
}

void ClientSocketCore::run_all(std::vector<Step> steps) {
  const auto self = shared_from_this();
  while (is_connected && !steps.empty()) {
    try {
      (this->*steps.front())();
    } catch (...) {
      if (client != nullptr) later([steps](ClientSocketCore& core) { core.run_all(steps); });
      throw;
    }
    steps.erase(steps.begin());
  }
}

// --- Coming --------------------------------------------------------------------------------------

void ClientSocketCore::start() {
  if (client == nullptr || is_connected) return;
  is_wanted = true;
  client->want_connection();
  later([](ClientSocketCore& self) { self.on_open(); });
}

void ClientSocketCore::on_open() {
  if (is_wanted && !is_connected && !has_asked && client->is_open()) ask();
}

void ClientSocketCore::ask() {
  const auto self = shared_from_this();
  has_asked = true;
  const Json auth = options.make_auth ? options.make_auth() : options.auth;
  if (client == nullptr || !is_wanted || !has_asked) return;
  if (!auth.is_null() && auth.object() == nullptr) {
    has_asked = false;
    return on_refused({.data = Json("auth is " + std::string(socketio::kind_of(auth)) +
                                    ", where an object was expected")});
  }
  socketio::JsonObject data;
  if (secret_) data = {{"pid", *secret_}, {"offset", offset_}};
  if (auth.object() != nullptr)
    data.insert(data.end(), auth.object()->begin(), auth.object()->end());
  const bool says_something = secret_ || !auth.is_null();
  send_bare(PacketType::connect,
            says_something ? std::optional(Json(std::move(data))) : std::nullopt);
}

std::string ClientSocketCore::on_packet(socketio::Packet packet) {
  switch (packet.type) {
    case PacketType::connect:
      return on_connect_packet(packet);
    case PacketType::connect_error:
      if (!std::exchange(has_asked, false)) return "a connect error that nobody asked for";
      if (is_wanted) on_refused(std::move(packet));
      return {};
    case PacketType::disconnect:
      // One that crossed our leaving says nothing of our coming again.
      if (is_connected) {
        is_wanted = false;
        client->release_connection();
        leave({.reason = ClientDisconnectReason::io_server_disconnect});
      }
      return {};
    case PacketType::ack:
      if (is_connected) settle(*packet.ack_id, {.values = std::move(*packet.data->array())});
      return {};
    default:
      return take_event(std::move(packet));
  }
}

std::string ClientSocketCore::on_connect_packet(const socketio::Packet& packet) {
  if (!std::exchange(has_asked, false)) return "a connect that nobody asked for";
  if (!is_wanted) {
    send_bare(PacketType::disconnect);
    return {};
  }
  const std::string* const sid = text_of(packet.data, "sid");
  if (sid == nullptr) {
    on_refused({.data = Json(no_sid)});
    return {};
  }
  const std::string* const pid = text_of(packet.data, "pid");
  has_recovered = pid != nullptr && secret_ == *pid;
  if (!has_recovered) offset_.clear();
  secret_ = pid == nullptr ? std::nullopt : std::optional(*pid);
  id_text = *sid;
  on_joined();
  return {};
}

void ClientSocketCore::on_joined() {
  is_connected = true;
  is_to_be_told_ = true;
  client->on_joined();
  run_all({&ClientSocketCore::send_waiting, &ClientSocketCore::drain_queue,
           &ClientSocketCore::tell_connected, &ClientSocketCore::deliver_early});
}

void ClientSocketCore::tell_connected() {
  const auto handler = connect_handler;
  if (std::exchange(is_to_be_told_, false) && handler) handler(*this);
}

// It may come again, when its user says so.
void ClientSocketCore::on_refused(socketio::Packet packet) {
  is_wanted = false;
  forget_early();
  client->release_connection();
  ConnectError error;
  if (packet.data) {
    const std::string* const message =
        packet.data->text() != nullptr ? packet.data->text() : text_of(packet.data, "message");
    error.message = message != nullptr ? *message : "refused";
    if (const Json* const data = std::as_const(*packet.data).find("data")) error.data = *data;
  }
  fail(error);
}

void ClientSocketCore::fail(const ConnectError& error) {
  const auto self = shared_from_this();
  const auto handler = connect_error_handler;
  if (handler) handler(*this, error);
}

// --- Going ---------------------------------------------------------------------------------------

void ClientSocketCore::stop() {
  if (client == nullptr || !std::exchange(is_wanted, false)) return;
  const auto self = shared_from_this();
  forget_early();
  if (is_connected) send_bare(PacketType::disconnect);
  client->release_connection();
  if (is_connected) leave({.reason = ClientDisconnectReason::io_client_disconnect});
}

void ClientSocketCore::on_lost(const ClientDisconnect& why) {
  has_asked = false;
  forget_early();
  if (is_connected) return leave(why);
  const std::string detail = why.detail.empty() ? "" : " (" + why.detail + ")";
  if (is_wanted) {
    fail({.message = "lost before it was let in: " + std::string(describe(why.reason)) + detail});
  }
}

void ClientSocketCore::leave(const ClientDisconnect& why) {
  const auto self = shared_from_this();
  is_connected = false;
  has_recovered = false;
  id_text.clear();
  // Who leaves for good has nothing to take up again.
  if (!is_wanted) secret_.reset();
  settle_sent();
  const auto handler = disconnect_handler;
  if (handler) handler(*this, why);
}

void ClientSocketCore::abandon() noexcept {
  for (auto& [id, waiting] : acks_) client->loop().cancel(waiting.timer);
  client = nullptr;
  // Those behind the one that does it are not called any more.
  listeners.clear();
  outgoing.clear();
  is_connected = false;
  is_wanted = false;
}

// --- Events from the server ----------------------------------------------------------------------

std::string ClientSocketCore::take_event(socketio::Packet packet) {
  if (!is_wanted) return {};
  if (is_connected && early_.empty()) {
    on_event(packet);
    return {};
  }
  if (early_.size() >= options.max_waiting) {
    return "more than " + std::to_string(options.max_waiting) + " events before the answer";
  }
  early_bytes_ += sizeof(packet) + codec::bytes_in_memory(*packet.data);
  early_.push_back(std::move(packet));
  if (early_bytes_ <= options.max_early_bytes) return {};
  return "events of more than " + std::to_string(options.max_early_bytes) +
         " bytes in memory before the answer";
}

void ClientSocketCore::forget_early() noexcept {
  early_.clear();
  early_bytes_ = 0;
}

void ClientSocketCore::deliver_early() {
  while (is_connected && !early_.empty()) {
    const socketio::Packet packet = std::move(early_.front());
    early_.pop_front();
    if (early_.empty()) early_bytes_ = 0;
    on_event(packet);
  }
}

void ClientSocketCore::on_event(const socketio::Packet& packet) {
  const auto self = shared_from_this();
  const JsonArray& all = *std::as_const(*packet.data).array();
  const Values values = Values(all).subspan(1);
  // What asks for an acknowledgement is not kept by the server, and has no offset.
  if (secret_ && !packet.ack_id && !values.empty() && values.back().text() != nullptr) {
    offset_ = *values.back().text();
  }
  Ack ack;
  if (packet.ack_id) {
    ack = Ack([weak = weak_from_this(), id = *packet.ack_id](JsonArray answered) {
      if (const auto core = weak.lock()) core->answer(id, std::move(answered));
    });
  }
  // The name may be a number.
  const std::string name = all[0].text() != nullptr ? *all[0].text() : codec::write_json(all[0]);
  incoming.call(name, values, [this] { return is_connected; });
  if (!is_connected) return;
  if (const auto fault = listeners.call(name, values, ack)) report(name, *fault);
}

void ClientSocketCore::answer(std::uint64_t ack_id, JsonArray values) {
  if (!is_connected) return;
  const std::string problem = client->send({.type = PacketType::ack,
                                            .nsp = nsp_name,
                                            .ack_id = ack_id,
                                            .data = Json(std::move(values))});
  if (!problem.empty()) report("an acknowledgement", problem);
}

void ClientSocketCore::report(std::string_view event, std::string_view why) {
  const auto self = shared_from_this();
  const auto handler = error_handler;
  if (client != nullptr && handler) handler(event, why);
}

}  // namespace duplex::events

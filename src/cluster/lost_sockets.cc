// Clients that were lost, kept in Redis; see lost_sockets.h.
#include "cluster/lost_sockets.h"

#include <algorithm>
#include <utility>

#include "duplex/codec/base64.h"
#include "duplex/codec/msgpack.h"
#include "socketio/message_parts.h"

namespace duplex::cluster {
namespace {

using codec::JsonObject;
using events::LostSocket;
using socketio::Json;

std::string key_of(const std::string& secret) { return "sio:session:" + secret; }

std::string packed(const std::string& secret, const LostSocket& socket, const std::string& nsp) {
  JsonObject members = {{"sid", socket.id},
                        {"pid", secret},
                        {"rooms", socketio::to_json(socket.rooms)},
                        {"nsp", nsp}};
  members.emplace_back("data", socketio::data_for_others(socket.data));
  return codec::base64_encode(codec::write_msgpack(std::move(members)));
}

// Who was let into one namespace has not been let into another one. Servers of Node.js do not say
// which it was: theirs are of "/".
bool is_of(const Json& session, std::string_view nsp) {
  const Json* const named = session.find("nsp");
  if (named == nullptr) return nsp == "/";
  return named->text() != nullptr && *named->text() == nsp;
}

std::optional<LostSocket> unpacked(const std::string& text, std::string_view nsp,
                                   const codec::JsonLimits& limits) {
  const auto bytes = codec::base64_decode(text);
  if (!bytes) return std::nullopt;
  const auto value = codec::parse_msgpack(*bytes, limits);
  if (!value || !is_of(*value, nsp)) return std::nullopt;
  const Json* const id = value->find("sid");
  const Json* const rooms = value->find("rooms");
  const Json* const data = value->find("data");
  if (id == nullptr || id->text() == nullptr || rooms == nullptr || !rooms->array()) return {};
  LostSocket socket = {.id = *id->text(), .data = data == nullptr ? Json() : *data};
  for (const Json& room : *rooms->array()) {
    if (room.text() != nullptr) socket.rooms.push_back(*room.text());
  }
  return socket;
}

bool is_offset(std::string_view text) noexcept {
  const std::size_t dash = text.find('-');
  if (dash == 0 || dash == std::string_view::npos || dash + 1 == text.size()) return false;
  const std::string_view digits = "0123456789";
  return text.size() < 42 && text.substr(0, dash).find_first_not_of(digits) == text.npos &&
         text.substr(dash + 1).find_first_not_of(digits) == text.npos;
}

bool has_one(const std::unordered_set<std::string>& names, const std::vector<std::string>& of) {
  return std::ranges::any_of(of, [&](const std::string& name) { return names.contains(name); });
}

}  // namespace

LostSockets::LostSockets(std::shared_ptr<Hub> hub, std::shared_ptr<const StreamReader> reader,
                         std::string stream, std::string nsp)
    : hub_(std::move(hub)),
      reader_(std::move(reader)),
      stream_(std::move(stream)),
      nsp_(std::move(nsp)) {}

void LostSockets::save(const std::string& secret, const LostSocket& socket,
                       std::chrono::milliseconds time) {
  hub_->client.command(
      {"SET", key_of(secret), packed(secret, socket, nsp_), "PX", std::to_string(time.count())});
}

// --- Coming again --------------------------------------------------------------------------------

void LostSockets::restore(const std::string& secret, const std::string& offset, Handler handler) {
  if (!is_offset(offset) || reader_->position().empty()) return handler(std::nullopt);
  const auto search =
      std::make_shared<Search>(Search{.offset = offset, .handler = std::move(handler)});
  const std::string key = key_of(secret);
  const bool taken = hub_->client.transaction(
      {{"GET", key}, {"DEL", key}}, [weak = weak_from_this(), search](const redis::Reply& reply) {
        const auto self = weak.lock();
        if (self == nullptr) return;
        reply ? self->on_session(search, *reply) : search->handler(std::nullopt);
      });
  if (!taken) search->handler(std::nullopt);
}

void LostSockets::ask(const redis::Command& command, const SharedSearch& search,
                      void (LostSockets::*then)(const SharedSearch&, const codec::RespValue&)) {
  const bool taken = hub_->client.command(
      command, [weak = weak_from_this(), search, then](const redis::Reply& reply) {
        const auto self = weak.lock();
        if (self == nullptr) return;
        reply ? (*self.*then)(search, *reply) : search->handler(std::nullopt);
      });
  if (!taken) search->handler(std::nullopt);
}

// [value, 1]; then whether the stream still knows the last event that the client has.
void LostSockets::on_session(const SharedSearch& search, const codec::RespValue& reply) {
  const bool is_there = reply.items.size() == 2 && !reply.items[0].text.empty();
  auto socket =
      is_there ? unpacked(reply.items[0].text, nsp_, hub_->options.message) : std::nullopt;
  if (!socket) return search->handler(std::nullopt);
  search->rooms = {socket->rooms.begin(), socket->rooms.end()};
  search->found.socket = *std::move(socket);
  ask({"XRANGE", stream_, search->offset, search->offset}, search, &LostSockets::on_first);
}

void LostSockets::on_first(const SharedSearch& search, const codec::RespValue& reply) {
  if (reply.items.empty()) return search->handler(std::nullopt);
  read_on(search);
}

void LostSockets::read_on(const SharedSearch& search) {
  search->seen = reader_->position();
  const bool taken = hub_->client.command(
      {"XRANGE", stream_, "(" + search->offset, "+", "COUNT", std::to_string(search->count)},
      [weak = weak_from_this(), search](const redis::Reply& reply) {
        const auto self = weak.lock();
        if (self == nullptr) return;
        reply ? self->on_missed(search, *reply) : self->after_failure(search, reply.error());
      });
  if (!taken) search->handler(std::nullopt);
}

// So many entries may have been more than a reply may hold, which costs the connection.
void LostSockets::after_failure(const SharedSearch& search, const redis::Error& error) {
  if (error.refused || search->count == 1) return search->handler(std::nullopt);
  search->count /= 2;
  read_on(search);
}

void LostSockets::on_missed(const SharedSearch& search, const codec::RespValue& reply) {
  search->count = std::min(search->count + 5, most_entries);
  for (const codec::RespValue& item : reply.items) {
    const StreamEntry entry = StreamEntry::of(item);
    if (!is_before(search->offset, entry.offset)) return search->handler(std::nullopt);
    search->offset = entry.offset;
    take(*search, entry);
  }
  if (++search->calls == most_calls) return search->handler(std::nullopt);
  // The reader may have gone past what was answered.
  const bool is_behind = is_before(search->offset, reader_->position());
  const bool stands_still = reply.items.empty() && reader_->position() == search->seen;
  if (is_behind && !stands_still) return read_on(search);
  finish(*search);
}

// What the reader has not read yet it will deliver by itself.
void LostSockets::finish(Search& search) const {
  auto& missed = search.found.missed;
  while (!missed.empty() && is_before(reader_->position(), *missed.back().back().text())) {
    missed.pop_back();
  }
  search.handler(std::move(search.found));
}

void LostSockets::take(Search& search, const StreamEntry& entry) const {
  if (entry.nsp != nsp_) return;
  const auto message = socketio::decode_stream(entry.uid, entry.fields, hub_->options.message);
  const bool is_event = message && message->type == socketio::ClusterMessage::Type::broadcast &&
                        !message->flags.droppable;
  if (!is_event) return;
  const auto& [rooms, except] = message->target;
  const bool meant = rooms.empty() || has_one(search.rooms, rooms);
  if (!meant || has_one(search.rooms, except)) return;
  search.found.missed.push_back(message->values);
  search.found.missed.back().emplace_back(entry.offset);
}

}  // namespace duplex::cluster

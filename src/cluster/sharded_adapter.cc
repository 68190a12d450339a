// Sharded publish and subscribe as createShardedAdapter() of @socket.io/redis-adapter 8 does it, in
// its mode "dynamic".
#include <set>
#include <utility>

#include "cluster/hub.h"
#include "events/ids.h"
#include "socketio/cluster_messages.h"

namespace duplex::cluster {
namespace {

using events::AdapterHost;
using Type = socketio::ClusterMessage::Type;
using Way = Channels::Way;

constexpr std::size_t id_size = 20;

class ShardedAdapter final : public events::Adapter {
 public:
  ShardedAdapter(AdapterHost& host, std::shared_ptr<Hub> hub);
  ~ShardedAdapter() override;
  ShardedAdapter(const ShardedAdapter&) = delete;
  ShardedAdapter& operator=(const ShardedAdapter&) = delete;

  const std::string& uid() const noexcept override { return uid_; }
  void publish(events::SharedClusterMessage message, Published on_published) override;
  void answer(const std::string& uid, events::SharedClusterMessage message) override;
  void count_servers(std::function<void(std::size_t)> handler) override;
  bool follows_rooms() const noexcept override { return true; }
  void on_room(std::string_view room, bool exists) override;

 private:
  std::string channel_of(std::string_view name) const { return main_ + std::string(name) + "#"; }
  std::string channel_for(const socketio::ClusterMessage& message) const;
  bool is_public(std::string_view room) const noexcept;
  void listen(const std::string& channel);
  void leave(const std::string& channel) { hub_->channels.leave(Way::shard, channel, this); }

  AdapterHost& host_;
  std::shared_ptr<Hub> hub_;
  std::string uid_;
  std::string nsp_;
  std::string main_;
  std::set<std::string> rooms_ = {};  // that have a channel
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

ShardedAdapter::ShardedAdapter(AdapterHost& host, std::shared_ptr<Hub> hub)
    : host_(host),
      hub_(std::move(hub)),
      uid_(events::new_id(host.loop().kernel()).substr(0, 16)),
      nsp_(host.name()),
      main_(hub_->options.prefix + "#" + nsp_ + "#") {
  listen(main_);
  listen(channel_of(uid_));
}

ShardedAdapter::~ShardedAdapter() {
  leave(main_);
  leave(channel_of(uid_));
  for (const std::string& room : rooms_) leave(channel_of(room));
}

void ShardedAdapter::listen(const std::string& channel) {
  const auto take = [this](std::string_view, Bytes bytes) {
    const auto message = socketio::decode_cluster(bytes, nsp_, hub_->options.message);
    if (message) return hub_->hand(host_, *message);
    hub_->complain_of(message.error(), nsp_);
  };
  hub_->channels.listen(Way::shard, channel, this, take);
}

// Rooms of sockets have names as long as their ids: they have no channels, as they would be many.
// An id of Socket.IO 2 has its namespace before it, "/chat#" and 20 characters.
bool ShardedAdapter::is_public(std::string_view room) const noexcept {
  if (room.size() == id_size) return false;
  const bool names_us = room.starts_with(nsp_) && room.substr(nsp_.size()).starts_with('#');
  return !names_us || room.size() != nsp_.size() + 1 + id_size;
}

void ShardedAdapter::on_room(std::string_view room, bool exists) {
  if (!is_public(room) || room == uid_) return;  // its own channel stays
  if (exists && rooms_.emplace(room).second) return listen(channel_of(room));
  if (!exists && rooms_.erase(std::string(room)) > 0) {
    leave(channel_of(room));
  }
}

std::string ShardedAdapter::channel_for(const socketio::ClusterMessage& message) const {
  const bool is_event = message.type == Type::broadcast && message.request.empty();
  const auto& rooms = message.target.rooms;
  return is_event && rooms.size() == 1 && is_public(rooms[0]) ? channel_of(rooms[0]) : main_;
}

void ShardedAdapter::publish(events::SharedClusterMessage message, Published on_published) {
  hub_->publish("SPUBLISH", channel_for(*message), encode_cluster(*message, nsp_));
  if (on_published) on_published({});
}

void ShardedAdapter::answer(const std::string& uid, events::SharedClusterMessage message) {
  hub_->publish("SPUBLISH", channel_of(uid), encode_cluster(*message, nsp_));
}

void ShardedAdapter::count_servers(std::function<void(std::size_t)> handler) {
  hub_->count("SHARDNUMSUB", main_, alive_, handler);
}

}  // namespace

events::AdapterFactory redis_sharded(net::EventLoop& loop, std::string_view url,
                                     RedisOptions options) {
  const auto hub = std::make_shared<Hub>(loop, url, std::move(options));
  return [hub](AdapterHost& host) { return std::make_unique<ShardedAdapter>(host, hub); };
}

}  // namespace duplex::cluster

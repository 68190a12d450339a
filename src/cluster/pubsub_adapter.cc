// Publish and subscribe as @socket.io/redis-adapter 8 does it.
#include <utility>

#include "cluster/hub.h"
#include "events/ids.h"
#include "socketio/classic_messages.h"

namespace duplex::cluster {
namespace {

using events::AdapterHost;
using socketio::ClassicChannels;
using Type = socketio::ClusterMessage::Type;

class PubsubAdapter final : public events::Adapter {
 public:
  PubsubAdapter(AdapterHost& host, std::shared_ptr<Hub> hub);
  ~PubsubAdapter() override;
  PubsubAdapter(const PubsubAdapter&) = delete;
  PubsubAdapter& operator=(const PubsubAdapter&) = delete;

  const std::string& uid() const noexcept override { return uid_; }
  void publish(events::SharedClusterMessage message, Published on_published) override;
  void answer(const std::string& uid, events::SharedClusterMessage message) override;
  void count_servers(std::function<void(std::size_t)> handler) override;

 private:
  void on_broadcast(std::string_view channel, Bytes bytes);
  void take(socketio::ClassicOutcome outcome);

  AdapterHost& host_;
  std::shared_ptr<Hub> hub_;
  std::string uid_;
  std::string nsp_;
  ClassicChannels channels_;
  std::string own_responses_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

PubsubAdapter::PubsubAdapter(AdapterHost& host, std::shared_ptr<Hub> hub)
    : host_(host),
      hub_(std::move(hub)),
      uid_(events::new_id(host.loop().kernel()).substr(0, 6)),
      nsp_(host.name()),
      channels_(hub_->options.prefix, nsp_),
      own_responses_(channels_.responses + uid_ + "#") {
  const auto& limits = hub_->options.message;
  hub_->subscriber.psubscribe(escaped_pattern(channels_.broadcasts) + "*",
                              {.on_message = [this](std::string_view channel, Bytes bytes) {
                                on_broadcast(channel, bytes);
                              }});
  hub_->subscriber.subscribe(channels_.requests,
                             {.on_message = [this, limits](std::string_view, Bytes bytes) {
                               take(socketio::decode_classic_request(bytes, limits));
                             }});
  for (const std::string& channel : {channels_.responses, own_responses_}) {
    hub_->subscriber.subscribe(channel,
                               {.on_message = [this, limits](std::string_view, Bytes bytes) {
                                 take(socketio::decode_classic_response(bytes, limits));
                               }});
  }
}

PubsubAdapter::~PubsubAdapter() {
  hub_->subscriber.punsubscribe(escaped_pattern(channels_.broadcasts) + "*");
  hub_->subscriber.unsubscribe(channels_.requests);
  hub_->subscriber.unsubscribe(channels_.responses);
  hub_->subscriber.unsubscribe(own_responses_);
}

// --- In ------------------------------------------------------------------------------------------

// Behind the prefix there is nothing, or the one room that it is for and '#'.
void PubsubAdapter::on_broadcast(std::string_view channel, Bytes bytes) {
  std::string_view room = channel.substr(channels_.broadcasts.size());
  if (room.ends_with('#')) room.remove_suffix(1);
  if (!room.empty() && !host_.has_room(room)) return;
  take(socketio::decode_classic_broadcast(bytes, nsp_, hub_->options.message));
}

void PubsubAdapter::take(socketio::ClassicOutcome outcome) {
  if (outcome) return host_.receive(*outcome);
  hub_->complain("namespace '" + nsp_ + "': " + outcome.error());
}

// --- Out -----------------------------------------------------------------------------------------

void PubsubAdapter::publish(events::SharedClusterMessage message, Published on_published) {
  hub_->publish("PUBLISH", channel_of(*message, channels_), encode_classic(*message, nsp_));
  if (on_published) on_published({});
}

void PubsubAdapter::answer(const std::string& uid, events::SharedClusterMessage message) {
  const bool to_one = !uid.empty() && message->type != Type::server_side_ack;
  const std::string& common = channels_.responses;
  hub_->publish("PUBLISH", to_one ? common + uid + "#" : common, encode_classic(*message, nsp_));
}

void PubsubAdapter::count_servers(std::function<void(std::size_t)> handler) {
  hub_->count("NUMSUB", channels_.requests, alive_, std::move(handler));
}

}  // namespace

events::AdapterFactory redis_pubsub(net::EventLoop& loop, std::string_view url,
                                    RedisOptions options) {
  const auto hub = std::make_shared<Hub>(loop, url, std::move(options));
  return [hub](AdapterHost& host) { return std::make_unique<PubsubAdapter>(host, hub); };
}

}  // namespace duplex::cluster

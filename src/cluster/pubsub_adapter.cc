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
using Way = Channels::Way;

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
  void listen(Way way, const std::string& name,
              void (PubsubAdapter::*act)(std::string_view channel, Bytes bytes));
  void on_broadcast(std::string_view channel, Bytes bytes);
  void on_request(std::string_view channel, Bytes bytes);
  void on_response(std::string_view channel, Bytes bytes);
  void take(socketio::ClassicOutcome outcome);

  AdapterHost& host_;
  std::shared_ptr<Hub> hub_;
  std::string uid_;
  std::string nsp_;
  ClassicChannels channels_;
  std::string own_responses_;
  std::string pattern_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

PubsubAdapter::PubsubAdapter(AdapterHost& host, std::shared_ptr<Hub> hub)
    : host_(host),
      hub_(std::move(hub)),
      uid_(events::new_id(host.loop().kernel()).substr(0, 6)),
      nsp_(host.name()),
      channels_(hub_->options.prefix, nsp_),
      own_responses_(channels_.responses + uid_ + "#"),
      pattern_(escaped_pattern(channels_.broadcasts) + "*") {
  listen(Way::pattern, pattern_, &PubsubAdapter::on_broadcast);
  listen(Way::channel, channels_.requests, &PubsubAdapter::on_request);
  listen(Way::channel, channels_.responses, &PubsubAdapter::on_response);
  listen(Way::channel, own_responses_, &PubsubAdapter::on_response);
}

PubsubAdapter::~PubsubAdapter() {
  hub_->channels.leave(Way::pattern, pattern_, this);
  hub_->channels.leave(Way::channel, channels_.requests, this);
  hub_->channels.leave(Way::channel, channels_.responses, this);
  hub_->channels.leave(Way::channel, own_responses_, this);
}

void PubsubAdapter::listen(Way way, const std::string& name,
                           void (PubsubAdapter::*act)(std::string_view, Bytes)) {
  hub_->channels.listen(way, name, this, [this, act](std::string_view channel, Bytes bytes) {
    (this->*act)(channel, bytes);
  });
}

// --- In ------------------------------------------------------------------------------------------

// Behind the prefix there is nothing, or the one room that it is for and '#'.
void PubsubAdapter::on_broadcast(std::string_view channel, Bytes bytes) {
  std::string_view room = channel.substr(channels_.broadcasts.size());
  if (room.ends_with('#')) room.remove_suffix(1);
  if (!room.empty() && !host_.has_room(room)) return;
  take(socketio::decode_classic_broadcast(bytes, nsp_, hub_->options.message));
}

void PubsubAdapter::on_request(std::string_view, Bytes bytes) {
  take(socketio::decode_classic_request(bytes, hub_->options.message));
}

void PubsubAdapter::on_response(std::string_view, Bytes bytes) {
  take(socketio::decode_classic_response(bytes, hub_->options.message));
}

void PubsubAdapter::take(socketio::ClassicOutcome outcome) {
  if (outcome) return hub_->hand(host_, *outcome);
  hub_->complain_of(outcome.error(), nsp_);
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
  hub_->count("NUMSUB", channels_.requests, alive_, handler);
}

}  // namespace

events::AdapterFactory redis_pubsub(net::EventLoop& loop, std::string_view url,
                                    RedisOptions options) {
  const auto hub = std::make_shared<Hub>(loop, url, std::move(options));
  return [hub](AdapterHost& host) { return std::make_unique<PubsubAdapter>(host, hub); };
}

}  // namespace duplex::cluster

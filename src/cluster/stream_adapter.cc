// A stream as @socket.io/redis-streams-adapter 0.3 uses it.
#include <map>
#include <stdexcept>
#include <utility>

#include "cluster/hub.h"
#include "cluster/lost_sockets.h"
#include "cluster/stream_name.h"
#include "cluster/stream_reader.h"
#include "cluster/stream_writer.h"
#include "events/ids.h"
#include "socketio/cluster_messages.h"

namespace duplex::cluster {
namespace {

using events::AdapterHost;
using events::FoundSocket;
using events::LostSocket;
using socketio::ClusterMessage;
using Type = ClusterMessage::Type;
using Way = Channels::Way;

constexpr std::size_t most_streams = 64;  // a connection for each, and nearly as many again

// One stream: who reads it, and who writes to it.
struct Lane {
  std::shared_ptr<StreamReader> reader = {};
  std::shared_ptr<StreamWriter> writer = {};
};

// What the adapters of one server share. Owner: they, and their factory; a handler that ends the
// server within an entry ends it, so that on_entry() holds it as long.
class StreamHub : public std::enable_shared_from_this<StreamHub> {
 public:
  StreamHub(net::EventLoop& loop, std::string_view url, RedisOptions options, StreamOptions given);
  void start(std::string_view url);
  std::string stream_of(std::string_view nsp) const {
    return stream_name(hub->options.prefix, nsp, given_.stream_count);
  }
  const Lane& lane(const std::string& stream) const { return lanes_.at(stream); }

  std::shared_ptr<Hub> hub;
  std::map<std::string, std::function<void(const StreamEntry&)>> readers = {};  // by namespace

 private:
  void open(std::string_view url, const std::string& stream);
  void on_entry(const std::string& stream, const StreamEntry& entry);

  StreamOptions given_;
  std::map<std::string, Lane> lanes_ = {};  // by the stream's name
};

StreamHub::StreamHub(net::EventLoop& loop, std::string_view url, RedisOptions options,
                     StreamOptions given)
    : hub(std::make_shared<Hub>(loop, url, std::move(options))), given_(given) {}

// All at once, also those that no namespace has yet: who comes again to one that is made for it is
// to be told what it has missed.
void StreamHub::start(std::string_view url) {
  hub->on_connect = [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    for (const auto& [stream, lane] : self->lanes_) lane.writer->send_all();
  };
  for (const std::string& each : stream_names(hub->options.prefix, given_.stream_count)) {
    open(url, each);
  }
}

void StreamHub::open(std::string_view url, const std::string& stream) {
  const auto send = [weak = weak_from_this(), stream] {
    if (const auto self = weak.lock()) self->lane(stream).writer->send_all();
  };
  const auto on_read = [weak = weak_from_this(), stream](const StreamEntry& entry) {
    if (const auto self = weak.lock()) self->on_entry(stream, entry);
  };
  Lane& lane = lanes_[stream];
  lane.reader = std::make_shared<StreamReader>(
      hub, url, stream, given_, StreamReaderHandlers{.on_place = send, .on_entry = on_read});
  lane.writer = std::make_shared<StreamWriter>(hub, lane.reader, stream, given_);
  lane.reader->start();
}

// What this server has written comes back as what others have: all in one order.
void StreamHub::on_entry(const std::string& stream, const StreamEntry& entry) {
  lane(stream).writer->on_read(entry);
  const auto found = readers.find(entry.nsp);
  if (found == readers.end()) return;
  const auto read = found->second;
  read(entry);
}

class StreamAdapter final : public events::Adapter {
 public:
  StreamAdapter(AdapterHost& host, std::shared_ptr<StreamHub> shared);
  ~StreamAdapter() override;
  StreamAdapter(const StreamAdapter&) = delete;
  StreamAdapter& operator=(const StreamAdapter&) = delete;

  const std::string& uid() const noexcept override { return uid_; }
  void publish(events::SharedClusterMessage message, Published on_published) override;
  void answer(const std::string& uid, events::SharedClusterMessage message) override;
  void count_servers(std::function<void(std::size_t)> handler) override;
  bool keeps_events() const noexcept override { return true; }
  void save(const std::string& secret, const LostSocket& socket,
            std::chrono::milliseconds time) override;
  void restore(const std::string& secret, const std::string& offset,
               const std::function<void(std::optional<FoundSocket>)>& handler) override;

 private:
  void listen(const std::string& channel);
  void on_entry(const StreamEntry& entry);
  void send(const std::string& channel, const ClusterMessage& message);

  AdapterHost& host_;
  std::shared_ptr<StreamHub> shared_;
  std::string uid_;
  std::string nsp_;
  std::string stream_;
  std::string main_;  // the channel
  std::shared_ptr<LostSockets> lost_;
};

StreamAdapter::StreamAdapter(AdapterHost& host, std::shared_ptr<StreamHub> shared)
    : host_(host),
      shared_(std::move(shared)),
      uid_(events::new_id(host.loop().kernel()).substr(0, 16)),
      nsp_(host.name()),
      stream_(shared_->stream_of(nsp_)),
      main_(shared_->hub->options.prefix + "#" + nsp_ + "#"),
      lost_(std::make_shared<LostSockets>(shared_->hub, shared_->lane(stream_).reader, stream_,
                                          nsp_)) {
  listen(main_);
  listen(main_ + uid_ + "#");
  shared_->readers[nsp_] = [this](const StreamEntry& entry) { on_entry(entry); };
}

StreamAdapter::~StreamAdapter() {
  shared_->readers.erase(nsp_);
  shared_->hub->channels.leave(Way::channel, main_, this);
  shared_->hub->channels.leave(Way::channel, main_ + uid_ + "#", this);
}

// --- In ------------------------------------------------------------------------------------------

void StreamAdapter::listen(const std::string& channel) {
  const auto take = [this](std::string_view, Bytes bytes) {
    const auto message = socketio::decode_cluster(bytes, nsp_, shared_->hub->options.message);
    if (message) return shared_->hub->hand(host_, *message);
    shared_->hub->complain_of(message.error(), nsp_);
  };
  shared_->hub->channels.listen(Way::channel, channel, this, take);
}

void StreamAdapter::on_entry(const StreamEntry& entry) {
  if (entry.uid == uid_) return;
  auto message = socketio::decode_stream(entry.uid, entry.fields, shared_->hub->options.message);
  if (!message) {
    return shared_->hub->complain("entry " + entry.offset + ": " + message.error());
  }
  message->offset = entry.offset;
  shared_->hub->hand(host_, *message);
}

// --- Out -----------------------------------------------------------------------------------------

// Requests are of no use to who comes later.
void StreamAdapter::publish(events::SharedClusterMessage message, Published on_published) {
  if (message->request.empty() && message->type != Type::server_side_emit) {
    return shared_->lane(stream_).writer->add({.uid = uid_,
                                               .nsp = nsp_,
                                               .fields = encode_stream(*message),
                                               .done = std::move(on_published)});
  }
  send(main_, *message);
  if (on_published) on_published({});
}

void StreamAdapter::answer(const std::string& uid, events::SharedClusterMessage message) {
  send(main_ + uid + "#", *message);
}

void StreamAdapter::send(const std::string& channel, const ClusterMessage& message) {
  shared_->hub->publish("PUBLISH", channel, encode_cluster_packed(message, nsp_));
}

void StreamAdapter::count_servers(std::function<void(std::size_t)> handler) {
  shared_->hub->count("NUMSUB", main_, lost_, handler);
}

void StreamAdapter::save(const std::string& secret, const LostSocket& socket,
                         std::chrono::milliseconds time) {
  lost_->save(secret, socket, time);
}

void StreamAdapter::restore(const std::string& secret, const std::string& offset,
                            const std::function<void(std::optional<FoundSocket>)>& handler) {
  lost_->restore(secret, offset, handler);
}

}  // namespace

events::AdapterFactory redis_streams(net::EventLoop& loop, std::string_view url,
                                     RedisOptions options, StreamOptions stream) {
  if (stream.stream_count == 0 || stream.stream_count > most_streams) {
    throw std::invalid_argument("StreamOptions::stream_count is " +
                                std::to_string(stream.stream_count) + ", and has to be 1 to " +
                                std::to_string(most_streams));
  }
  const auto shared = std::make_shared<StreamHub>(loop, url, std::move(options), stream);
  shared->start(url);
  return [shared](AdapterHost& host) { return std::make_unique<StreamAdapter>(host, shared); };
}

}  // namespace duplex::cluster

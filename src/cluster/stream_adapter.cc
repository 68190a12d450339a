// A stream as @socket.io/redis-streams-adapter 0.3 uses it.
#include <map>
#include <utility>

#include "cluster/hub.h"
#include "cluster/lost_sockets.h"
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

// What the adapters of one server share. Owner: they, and their factory; a handler that ends the
// server within an entry ends it, so that on_entry() holds it as long.
class StreamHub : public std::enable_shared_from_this<StreamHub> {
 public:
  StreamHub(net::EventLoop& loop, std::string_view url, RedisOptions options);
  void start(std::string_view url, const StreamOptions& given);

  std::shared_ptr<Hub> hub;
  std::string stream;
  std::shared_ptr<StreamReader> reader = {};
  std::shared_ptr<StreamWriter> writer = {};
  std::map<std::string, std::function<void(const StreamEntry&)>> readers = {};  // by namespace

 private:
  void on_entry(const StreamEntry& entry);
};

StreamHub::StreamHub(net::EventLoop& loop, std::string_view url, RedisOptions options)
    : hub(std::make_shared<Hub>(loop, url, std::move(options))), stream(hub->options.prefix) {}

void StreamHub::start(std::string_view url, const StreamOptions& given) {
  const auto send = [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->writer->send_all();
  };
  const auto on_read = [weak = weak_from_this()](const StreamEntry& entry) {
    if (const auto self = weak.lock()) self->on_entry(entry);
  };
  hub->on_connect = send;
  reader = std::make_shared<StreamReader>(
      hub, url, stream, given, StreamReaderHandlers{.on_place = send, .on_entry = on_read});
  writer = std::make_shared<StreamWriter>(hub, reader, stream, given);
  reader->start();
}

// What this server has written comes back as what others have: all in one order.
void StreamHub::on_entry(const StreamEntry& entry) {
  writer->on_read(entry);
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
  std::string main_;  // the channel
  std::shared_ptr<LostSockets> lost_;
};

StreamAdapter::StreamAdapter(AdapterHost& host, std::shared_ptr<StreamHub> shared)
    : host_(host),
      shared_(std::move(shared)),
      uid_(events::new_id(host.loop().kernel()).substr(0, 16)),
      nsp_(host.name()),
      main_(shared_->hub->options.prefix + "#" + nsp_ + "#"),
      lost_(std::make_shared<LostSockets>(shared_->hub, shared_->reader, shared_->stream, nsp_)) {
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
    if (message) return host_.receive(*message);
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
  host_.receive(*message);
}

// --- Out -----------------------------------------------------------------------------------------

// Requests are of no use to who comes later.
void StreamAdapter::publish(events::SharedClusterMessage message, Published on_published) {
  if (message->request.empty() && message->type != Type::server_side_emit) {
    return shared_->writer->add({.uid = uid_,
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
  const auto shared = std::make_shared<StreamHub>(loop, url, std::move(options));
  shared->start(url, stream);
  return [shared](AdapterHost& host) { return std::make_unique<StreamAdapter>(host, shared); };
}

}  // namespace duplex::cluster

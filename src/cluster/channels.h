// Which channels of Redis the adapters of one server listen to.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/redis/subscriber.h"

namespace duplex::cluster {

// Owner: a Hub. Adapters of two namespaces may listen to the same channel: that of the room "a" of
// "/" is that of the namespace "/#a" too. Each is told what is said there.
class Channels {
 public:
  enum class Way { channel, pattern, shard };
  using Listener = std::function<void(std::string_view channel, Bytes message)>;
  using Complain = std::function<void(std::string what)>;

  Channels(net::EventLoop& loop, std::string_view url, redis::ConnectionHandlers handlers,
           const redis::ClientOptions& options, Complain complain);

  // `who` listens once to each, and is not told any more after leave().
  void listen(Way way, const std::string& name, const void* who, Listener listener);
  void leave(Way way, const std::string& name, const void* who);

 private:
  struct Listening {
    const void* who;
    Listener listener;
    bool is_over = false;
  };
  using Name = std::pair<Way, std::string>;
  using All = std::vector<std::shared_ptr<Listening>>;

  void subscribe(const Name& name);
  void unsubscribe(const Name& name);
  void pass_on(const Name& name, std::string_view channel, Bytes message);

  net::EventLoop& loop_;
  Complain complain_;
  std::map<Name, All> listening_ = {};
  redis::Subscriber subscriber_;
};

}  // namespace duplex::cluster

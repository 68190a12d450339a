// The connections to Redis that the adapters of one server share.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/channels.h"
#include "duplex/cluster/redis.h"
#include "duplex/redis/client.h"

namespace duplex::cluster {

// Owner: the factory, and each adapter that it has made, with what that has.
class Hub : public std::enable_shared_from_this<Hub> {
 public:
  Hub(net::EventLoop& on, std::string_view url, RedisOptions given);

  // In a turn of its own: whoever complains is in the midst of something.
  void complain(std::string what);
  // Of a message that could not be read; not if it is another namespace's.
  void complain_of(const std::string& fault, const std::string& nsp);
  // To the namespace; complains of what that does not take. May end this.
  void hand(events::AdapterHost& host, const socketio::ClusterMessage& message);
  // Tells of lost connections, under the name of who loses them.
  redis::ConnectionHandlers tell(std::string who, std::function<void()> on_up = {});
  // By "PUBLISH" or "SPUBLISH"; complains of what is lost or refused.
  void publish(std::string_view command, const std::string& channel, const std::string& content);
  // How many listen to the channel, with this one, by "NUMSUB" or "SHARDNUMSUB"; 1 if Redis cannot
  // be asked. Nobody is told once what `alive` stands for has gone.
  void count(std::string_view command, const std::string& channel, std::weak_ptr<void> alive,
             const std::function<void(std::size_t)>& handler);

  net::EventLoop& loop;
  RedisOptions options;
  std::function<void()> on_connect = {};  // of the client, also each time again
  redis::Client client;
  Channels channels;

 private:
  static void pass_on_complaints(const std::weak_ptr<Hub>& weak);

  std::vector<std::string> complaints_ = {};  // of this turn
};

// For PSUBSCRIBE: what matches this text and nothing else.
std::string escaped_pattern(std::string_view text);

}  // namespace duplex::cluster

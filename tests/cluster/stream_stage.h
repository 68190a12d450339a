// Servers joined by a stream, in virtual time.
#pragma once

#include <string>

#include "cluster_stage.h"

namespace duplex::cluster {

inline AdapterFactory streams(net::EventLoop& loop, std::string_view url, RedisOptions options) {
  return redis_streams(loop, url, std::move(options));
}

class StreamStage : public ClusterStage {
 protected:
  struct Left {
    std::string id;
    std::string secret;
    std::string offset;
    std::string auth() const { return R"({"pid":")" + secret + R"(","offset":)" + offset + "}"; }
  };

  void serve_streams() { serve_both(streams, socketio::RecoveryOptions()); }
  // The numbers of events "n" that the client has heard.
  static std::string numbers_in(const Texts& packets) {
    std::string numbers;
    for (const std::string& packet : packets) {
      if (packet.starts_with(R"(42["n",)"))
        numbers += packet.substr(7, packet.find(',', 7) - 7) + " ";
    }
    return numbers;
  }
  static std::string member(const std::string& packet, const std::string& name) {
    const std::size_t at = packet.find('"' + name + R"(":")");
    return at == std::string::npos ? "" : packet.substr(at + name.size() + 4, 20);
  }
  // Whom the server has let in, with these packets.
  static std::string id_in(const Texts& packets) {
    for (const std::string& packet : packets) {
      if (packet.starts_with("40{")) return member(packet, "sid");
    }
    return {};
  }
  // A client of the first server that has heard one event and been lost.
  Left lost_client() {
    const auto client = peer("/a/");
    client->say("40");
    pass(milliseconds(20));
    const std::string joined = client->take().at(0);
    b_->emit("n", 1);
    pass(milliseconds(30));
    const std::string event = client->take().at(0);
    client->leave();
    pass(milliseconds(30));
    return {.id = member(joined, "sid"),
            .secret = member(joined, "pid"),
            .offset = event.substr(event.rfind(',') + 1, 8)};
  }
  // What a new client of that server is answered first.
  std::string first_answer(const std::string& path, const std::string& packet) {
    const auto client = peer(path);
    client->say(packet);
    pass(milliseconds(50));
    const Texts heard = client->take();
    return heard.empty() ? "" : heard[0];
  }
};

}  // namespace duplex::cluster

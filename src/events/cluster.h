// A namespace's part in a cluster: tells the other servers, asks them, and answers them.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "duplex/events/adapter.h"
#include "duplex/events/socket.h"
#include "events/answers.h"

namespace duplex::events {

class NamespaceCore;

// Owner: the namespace, and whoever is in the middle of a call. What is done on other servers is
// done here by the namespace itself, but for events: those wait for their turn.
class Cluster final : public AdapterHost, public std::enable_shared_from_this<Cluster> {
 public:
  using Fetched = std::function<void(FetchedSockets)>;

  // `request_timeout`: until servers that have not answered are given up.
  Cluster(NamespaceCore& nsp, std::chrono::milliseconds request_timeout);
  void start(const AdapterFactory& make);

  // To the sockets of `target`, on this server too.
  void broadcast(Target target, Event event, const EmitFlags& flags);
  void tell(ClusterMessage message);  // the others
  // Adds to `here` what the others have.
  void fetch(Target target, std::vector<RemoteSocket> here, Fetched handler);
  void server_side_emit(Event event);
  Adapter& adapter() noexcept { return *adapter_; }
  // The adapter keeps what is broadcast, for clients that come again on any server.
  bool keeps_events() const noexcept;

  // --- AdapterHost -------------------------------------------------------------------------------
  const std::string& name() const noexcept override;
  net::EventLoop& loop() const noexcept override;
  bool has_room(std::string_view room) const noexcept override;
  std::vector<std::string> room_names() const override;
  std::string receive(const ClusterMessage& message) override;
  void give_up(const std::string& secret) override;

 private:
  using Type = ClusterMessage::Type;

  // A request to all others, and what they have answered so far.
  struct Request {
    std::function<void(Request&)> done;  // called once
    std::ptrdiff_t missing = 0;          // servers that have not answered, of those that are known
    bool is_counted = false;
    FetchedSockets fetched = {};
    AckReply reply = {};
    net::TimerId timer = net::TimerId::none;
  };

  void ask(ClusterMessage message, std::function<void(Request&)> done);
  void count_servers(std::function<void(Cluster&, std::size_t)> act);
  void count_others(const std::string& id, std::size_t servers);
  void finish_if_complete(const std::string& id);
  void finish(const std::string& id);
  void broadcast_for_acks(ClusterMessage message, AckHandler handler);
  void finish_after(std::chrono::milliseconds time, const std::shared_ptr<Answers>& all,
                    void (Answers::*end)() noexcept);
  void deliver(const ClusterMessage& message, std::string_view offset);

  void act_on(const ClusterMessage& message);
  void take_answer(const ClusterMessage& message);
  void take_broadcast_answer(const ClusterMessage& message);
  void carry_out(const ClusterMessage& message);
  void answer_broadcast(const ClusterMessage& message);
  void answer_server_side(const ClusterMessage& message);
  std::vector<std::string> ids_of(const Target& target) const;
  void answer(const ClusterMessage& request, ClusterMessage answer);
  std::string new_request_id();

  NamespaceCore& nsp_;
  std::chrono::milliseconds request_timeout_;
  std::unique_ptr<Adapter> adapter_ = {};
  std::map<std::string, Request, std::less<>> requests_ = {};
  std::map<std::string, std::shared_ptr<Answers>, std::less<>> broadcasts_ = {};
};

}  // namespace duplex::events

// A Socket.IO server behind its public face: its namespaces.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/events/socket_server.h"
#include "events/engine_server_impl.h"
#include "events/ids.h"
#include "events/namespace_core.h"

namespace duplex::events {

// Owner: a SocketServer, and whoever is in the middle of a call.
class SocketServer::Impl final : public std::enable_shared_from_this<SocketServer::Impl> {
 public:
  using Matches = std::function<bool(std::string_view name, const Json& auth)>;

  Impl(Server& server, SocketServerOptions options);
  void start();
  void close();
  void abandon() noexcept;

  NamespaceCore& of(std::string_view name);
  NamespaceCore& of_matching(Matches matches);
  // The namespace that a client asks for, or null.
  std::shared_ptr<NamespaceCore> find(const std::string& name, const Json& auth);
  std::vector<std::shared_ptr<NamespaceCore>> children_of(const NamespaceCore& parent) const;
  void on_empty(const NamespaceCore& nsp);

  const SocketServerOptions& options() const noexcept { return options_; }
  net::EventLoop& loop() noexcept { return server_.loop(); }
  websocket::DeflateWorkshop& workshop() noexcept { return workshop_; }
  std::string random_id() { return new_id(loop().kernel()); }
  std::size_t session_count() const noexcept { return engine_ ? engine_->session_count() : 0; }

 private:
  void serve_client();
  void look_again(const NamespaceCore& nsp);
  void check_later(const NamespaceCore& nsp, std::chrono::milliseconds delay);

  struct Dynamic {
    Matches matches;
    std::shared_ptr<NamespaceCore> parent;
  };

  Server& server_;
  SocketServerOptions options_;
  websocket::DeflateWorkshop workshop_ = {};
  std::map<std::string, std::shared_ptr<NamespaceCore>, std::less<>> namespaces_ = {};
  std::vector<Dynamic> dynamics_ = {};
  std::size_t dynamic_count_ = 0;
  bool is_gone_ = false;
  std::optional<EngineServer> engine_ = {};
};

}  // namespace duplex::events

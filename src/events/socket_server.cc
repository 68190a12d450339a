// A Socket.IO server: its namespaces, and its public face.
#include "duplex/events/socket_server.h"

#include <algorithm>
#include <utility>

#include "endpoint/http_phase.h"
#include "endpoint/static_files.h"
#include "events/socket_link.h"
#include "events/socket_server_impl.h"

namespace duplex::events {
namespace {

// A session keeps its link for as long as it lives itself.
using HeldLink = std::shared_ptr<SocketLink>;

SocketLink* link_of(EngineSession& session) noexcept {
  const HeldLink* const held = std::any_cast<HeldLink>(&session.user_data());
  return held == nullptr ? nullptr : held->get();
}

// "socket.io.min.js" and so on.
bool is_client_file(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 4> kinds = {"", ".min", ".esm.min", ".msgpack.min"};
  constexpr std::string_view front = "socket.io";
  if (!name.starts_with(front)) return false;
  name.remove_prefix(front.size());
  if (name.ends_with(".map")) name.remove_suffix(4);
  if (!name.ends_with(".js")) return false;
  name.remove_suffix(3);
  return std::ranges::find(kinds, name) != kinds.end();
}

std::string with_slash(std::string_view name) {
  return name.starts_with('/') ? std::string(name) : "/" + std::string(name);
}

}  // namespace

SocketServer::Impl::Impl(Server& server, SocketServerOptions options)
    : server_(server), options_(std::move(options)) {
  of("/");
}

void SocketServer::Impl::start() {
  EngineHandlers handlers;
  handlers.on_open = [this](EngineSession& session, const http::Request& request) {
    auto& core = static_cast<EngineSession::Impl&>(session);
    const auto link = std::make_shared<SocketLink>(*this, core, request);
    core.user_data = link;
    link->start();
  };
  handlers.on_message = [](EngineSession& session, const engineio::Packet& packet) {
    if (SocketLink* const link = link_of(session)) link->on_message(packet);
  };
  handlers.on_drain = [](EngineSession& session) {
    if (SocketLink* const link = link_of(session)) link->on_drain();
  };
  handlers.on_close = [](EngineSession& session, const EngineClose& close) {
    if (SocketLink* const link = link_of(session)) link->on_close(close);
  };
  EngineOptions engine = options_.engine;
  engine.path = options_.path;
  if (!options_.client_files.empty()) serve_client();
  engine_.emplace(server_, std::move(handlers), std::move(engine));
}

// The routes keep the folder for as long as the server has them.
void SocketServer::Impl::serve_client() {
  const auto files =
      std::make_shared<endpoint::StaticFiles>(loop().kernel(), options_.client_files);
  const std::string folder = options_.path + (options_.path.ends_with('/') ? "" : "/");
  server_.get(folder + "{path}", [files](Exchange& exchange) {
    if (!is_client_file(exchange.parameter("path"))) {
      exchange.respond(404, "text/plain", "no such file\n");
      return;
    }
    files->answer(static_cast<endpoint::HttpPhase&>(exchange));
  });
}

void SocketServer::Impl::close() {
  const auto self = shared_from_this();
  std::vector<std::shared_ptr<NamespaceCore>> all;
  for (const auto& [name, nsp] : namespaces_) all.push_back(nsp);
  for (const auto& nsp : all) nsp->close();
}

void SocketServer::Impl::abandon() noexcept {
  is_gone_ = true;
  for (const auto& [name, nsp] : namespaces_) {
    nsp->abandon();
    nsp->reception->listeners.end();
    nsp->reception->on_error = nullptr;
  }
  engine_.reset();
}

// --- Namespaces ----------------------------------------------------------------------------------

NamespaceCore& SocketServer::Impl::of(std::string_view name) {
  std::string full = with_slash(name);
  auto& nsp = namespaces_[full];
  if (nsp == nullptr) {
    nsp = std::make_shared<NamespaceCore>(*this, std::move(full), std::make_shared<Reception>());
    nsp->join_cluster();
  }
  // Whoever holds it may hold it for ever.
  if (std::exchange(nsp->is_dynamic, false)) --dynamic_count_;
  return *nsp;
}

NamespaceCore& SocketServer::Impl::of_matching(Matches matches) {
  auto parent = std::make_shared<NamespaceCore>(*this, "", std::make_shared<Reception>());
  dynamics_.push_back({std::move(matches), parent});
  return *parent;
}

std::shared_ptr<NamespaceCore> SocketServer::Impl::find(const std::string& name, const Json& auth) {
  const auto found = namespaces_.find(name);
  if (found != namespaces_.end()) return found->second;
  if (dynamic_count_ >= options_.max_namespaces) return nullptr;
  for (std::size_t i = 0; i < dynamics_.size(); ++i) {
    const Dynamic dynamic = dynamics_[i];
    if (!dynamic.matches(name, auth)) continue;
    if (is_gone_) return nullptr;  // its user has ended it meanwhile
    auto nsp = std::make_shared<NamespaceCore>(*this, name, dynamic.parent->reception);
    nsp->is_dynamic = true;
    nsp->join_cluster();
    ++dynamic_count_;
    return namespaces_[name] = std::move(nsp);
  }
  return nullptr;
}

std::vector<std::shared_ptr<NamespaceCore>> SocketServer::Impl::children_of(
    const NamespaceCore& parent) const {
  std::vector<std::shared_ptr<NamespaceCore>> children;
  for (const auto& [name, nsp] : namespaces_) {
    if (nsp->reception == parent.reception) children.push_back(nsp);
  }
  return children;
}

void SocketServer::Impl::look_again(const NamespaceCore& nsp) {
  check_later(nsp, options_.recovery->max_disconnection);
}

// Later: whoever has left it may be in the middle of a handler.
void SocketServer::Impl::on_empty(const NamespaceCore& nsp) { check_later(nsp, {}); }

void SocketServer::Impl::check_later(const NamespaceCore& nsp, std::chrono::milliseconds delay) {
  loop().run_after(delay, [weak = weak_from_this(), name = nsp.name_text] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    const auto found = self->namespaces_.find(name);
    if (found == self->namespaces_.end()) return;
    if (!found->second->is_dynamic || !found->second->is_empty()) return;
    if (found->second->waits_for_somebody()) return self->look_again(*found->second);
    found->second->abandon();
    self->namespaces_.erase(found);
    --self->dynamic_count_;
  });
}

// --- The public face -----------------------------------------------------------------------------

SocketServer::SocketServer(Server& server, SocketServerOptions options)
    : impl_(std::make_shared<Impl>(server, std::move(options))) {
  impl_->start();
}

SocketServer::~SocketServer() { impl_->abandon(); }

void SocketServer::close() { impl_->close(); }

Namespace& SocketServer::of(std::string_view name) { return impl_->of(name); }

Namespace& SocketServer::of_matching(
    std::function<bool(std::string_view name, const Json& auth)> matches) {
  return impl_->of_matching(std::move(matches));
}

SocketServer& SocketServer::on_connection(ConnectionHandler handler) {
  of("/").on_connection(std::move(handler));
  return *this;
}

SocketServer& SocketServer::use(Middleware middleware) {
  of("/").use(std::move(middleware));
  return *this;
}

Emitter SocketServer::everybody() { return of("/").everybody(); }

std::size_t SocketServer::session_count() const noexcept { return impl_->session_count(); }

}  // namespace duplex::events

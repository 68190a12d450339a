// One thread of `duplex serve`.
#include "serve_loop.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <utility>

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;

// Not 0, which means none, unless that was asked for.
std::chrono::milliseconds ping_interval(const ServeOptions& options) {
  return std::chrono::ceil<std::chrono::milliseconds>(options.ping_interval);
}

endpoint::ServerOptions server_options(const ServeOptions& options) {
  endpoint::ServerOptions server;
  server.host = options.host;
  server.port = options.port;
  server.unix_path = options.unix_path;
  server.reuse_port = options.reuse_port || options.threads > 1;
  server.hosts = options.hosts;
  server.trusted_proxies = options.trusted_proxies;
  server.proxy_protocol = options.proxy_protocol;
  server.websocket = feed_protocol();
  server.websocket.ping_interval = ping_interval(options);
  server.drain_timeout = 3s;  // somebody may be looking on, who has pressed Ctrl-C
  return server;
}

websocket::ProtocolOptions echo_protocol(const ServeOptions& options) {
  websocket::ProtocolOptions protocol;
  protocol.max_message_size = options.max_message_size;
  protocol.ping_interval = ping_interval(options);
  // A message may come in frames of one byte each; its size is what bounds it.
  protocol.max_fragments = 1U << 20;
  // An echo is as large as the message, and there may be one more behind it.
  protocol.send_limit = 2 * options.max_message_size + (std::size_t{1} << 20);
  return protocol;
}

// Who asks, as far as it can be known.
std::string client_text(const net::Address& address) {
  return address.family() == net::AddressFamily::unix_domain ? "unix" : address.host();
}

double process_cpu_seconds() {
  std::timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// The second number of /proc/self/statm is in pages. 0 where there is none.
std::uint64_t resident_size() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0;
  file >> pages >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// "2026-11-22T09:30:00.123Z 5025123456789": the wall clock, and the one that stamps events.
std::string time_text(net::Kernel& kernel) {
  const auto now = kernel.wall_clock().time_since_epoch();
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  std::tm parts = {};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text = {};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(now).count() % 1000;
  const std::string milliseconds = std::to_string(1000 + rest).substr(1);
  return std::string(text.data(), size) + '.' + milliseconds + "Z " +
         std::to_string(kernel.now().time_since_epoch().count()) + '\n';
}

}  // namespace

ServeLoop::ServeLoop(EventLoop& loop, const ServeOptions& options, const ServeLoops& all)
    : all_(all),
      loop_(loop),
      echo_protocol_(echo_protocol(options)),
      server_(loop_, server_options(options)),
      feed_(loop_, server_, options.feed),
      lab_(loop_, server_, lab_links()) {
  add_pages();
  add_echo("/");
  add_echo("/echo");
  add_http_echo();
  add_client_address();
  feed_.add_routes();
  lab_.add_routes();
  if (options.socketio) {
    socket_rooms_.emplace(server_, *options.socketio);
    socket_feed_.emplace(server_, feed_, options.socketio->feed_loops);
  }
  if (options.tcp_port) {
    tcp_push_.emplace(loop_, options.host, *options.tcp_port);
    feed_.on_push([this](std::string_view lines) { tcp_push_->push(lines); });
  }
}

void ServeLoop::add_echo(std::string_view path) {
  server_.websocket(path,
                    {.on_message = [](Connection& peer, Message message) { peer.send(message); }},
                    {.deflate = websocket::DeflateOptions{}, .protocol = &echo_protocol_});
}

// For who wants to know what the same costs over HTTP: `duplex connect --compare`.
void ServeLoop::add_http_echo() {
  server_.post("/echo", [](Exchange& exchange) {
    exchange.respond(200, "application/octet-stream", as_text(exchange.body()),
                     {{"Cache-Control", "no-store"}});
  });
}

void ServeLoop::add_pages() {
  server_.get("/time", [this](Exchange& exchange) {
    exchange.respond(200, "text/plain; charset=utf-8", time_text(loop_.kernel()),
                     {{"Cache-Control", "no-store"}});
  });
  server_.get("/metrics", [this](Exchange& exchange) {
    answer_state(exchange, "text/plain; version=0.0.4", {}, [](lab::LabState& state) {
      return prometheus_text(state.server, state.cpu_seconds);
    });
  });
  server_.get("/lab/state", [this](Exchange& exchange) {
    answer_state(exchange, "application/json", std::string(exchange.request().query),
                 [](lab::LabState& state) {
                   state.now = net::Clock::now().time_since_epoch();
                   state.resident_size = resident_size();
                   return lab::state_json(state);
                 });
  });
}

void ServeLoop::add_client_address() {
  server_.get("/client", [](Exchange& exchange) {
    exchange.respond(200, "text/plain; charset=utf-8", client_text(exchange.peer_address()) + '\n',
                     {{"Cache-Control", "no-store"}});
  });
  server_.websocket("/client", {.on_open = [](Connection& peer, const http::Request&) {
                      peer.send_text(client_text(peer.peer_address()));
                    }});
}

void ServeLoop::stop(std::function<void()> stopped) {
  loop_.post([this, stopped = std::move(stopped)]() mutable {
    feed_.stop();
    lab_.stop();
    if (socket_feed_) socket_feed_->stop();
    if (socket_rooms_) socket_rooms_->close();
    server_.stop(std::move(stopped));
  });
}

// --- Metrics -------------------------------------------------------------------------------------

ServerMetrics ServeLoop::metrics() {
  ServerMetrics metrics;
  metrics.stats = server_.stats();
  metrics.loop = loop_.stats();
  const net::CallCounts& counts = loop_.kernel().counts();
  for (std::size_t i = 0; i < net::call_count; ++i) {
    metrics.calls[i] = counts.of(static_cast<net::Call>(i));
  }
  metrics.feed_events = feed_.event_count();
  metrics.parked_polls = feed_.parked_count();
  if (tcp_push_) {
    metrics.stats.bytes_sent += tcp_push_->bytes_sent();
    metrics.stats.messages_sent += tcp_push_->message_count();
  }
  return metrics;
}

void ServeLoop::add_to(lab::LabState& sum, const std::string& race) {
  sum.server.add(metrics());
  const lab::LaneUsages lanes = race.empty() ? lab::LaneUsages{} : lab_.races().usages(race);
  for (std::size_t i = 0; i < lanes.size(); ++i) sum.lanes[i].add(lanes[i]);
}

void ServeLoop::answer_state(Exchange& exchange, std::string_view type, std::string race,
                             StateText text) {
  gather(0, {}, std::move(race), [this, id = exchange.id(), type, text](lab::LabState sum) {
    // The last loop of the chain holds the sum; the exchange belongs to this one.
    auto answer = [this, id, type, text, sum]() mutable {
      sum.cpu_seconds = process_cpu_seconds();
      if (Exchange* const waiting = server_.find(id)) waiting->respond(200, type, text(sum));
    };
    if (all_.size() == 1) return answer();
    loop_.post(std::move(answer));
  });
}

void ServeLoop::gather(std::size_t index, lab::LabState sum, std::string race,
                       std::function<void(lab::LabState)> done) {
  ServeLoop& next = *all_[index];
  auto visit = [&next, index, sum, race = std::move(race), done = std::move(done)]() mutable {
    next.add_to(sum, race);
    if (index + 1 == next.all_.size()) return done(sum);
    next.gather(index + 1, sum, std::move(race), std::move(done));
  };
  // With one thread the answer is immediate: no task, no extra turn in the figures it reports.
  if (all_.size() == 1) return visit();
  next.loop_.post(std::move(visit));
}

// --- The lab -------------------------------------------------------------------------------------

lab::LabLinks ServeLoop::lab_links() {
  // This loop will be the next of all.
  return {.loop = all_.size(),
          .with_hub =
              [this](std::function<void(lab::ChatHub&)> task) {
                ServeLoop& first = *all_.front();
                if (&first == this) return task(lab_.hub());
                first.loop_.post([&first, task = std::move(task)] { task(first.lab_.hub()); });
              },
          .deliver =
              [this](const lab::Visitor& visitor, const std::string& text) {
                all_[visitor.loop]->server_.send(visitor.connection, text_message(text));
              }};
}

}  // namespace duplex::tools

// Any bytes as what clients of a Socket.IO server do: sessions over polling, WebSocket and from one
// to the other, of revisions 3 and 4, whatever they say; other bytes are what the server's user
// does in its handlers. Every socket comes and goes once, and nobody is left behind.
#include "../events/socket_deeds.h"
#include "decisions.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_clients = 8;

// All clients of one run.
class Crowd {
 public:
  Crowd(events::SocketStage& stage, Decisions& decisions) : stage_(stage), decisions_(decisions) {}

  void step();
  void leave();

 private:
  std::string query() const;
  std::string sid();
  void open_socket(const std::string& sid);
  void ask(const std::string& method, const std::string& sid, std::string_view body);
  support::Peer* somebody();

  events::SocketStage& stage_;
  Decisions& decisions_;
  bool is_old_ = false;
  std::vector<std::string> sids_ = {};
  std::vector<std::unique_ptr<support::Peer>> sockets_ = {};
  std::vector<std::unique_ptr<support::RawPeer>> polls_ = {};
};

std::string Crowd::query() const {
  return std::string("/socket.io/?EIO=") + (is_old_ ? "3" : "4") + "&transport=";
}

std::string Crowd::sid() { return sids_.empty() ? "" : "&sid=" + decisions_.pick(sids_); }

support::Peer* Crowd::somebody() {
  return sockets_.empty() || stage_.client == nullptr ? nullptr : decisions_.pick(sockets_).get();
}

void Crowd::open_socket(const std::string& sid) {
  if (stage_.client == nullptr || sockets_.size() >= most_clients) return;
  const std::string target = query() + "websocket" + sid;
  sockets_.push_back(std::make_unique<support::Peer>(stage_.world, *stage_.client, target));
  if (!sockets_.back()->sid().empty()) sids_.push_back(sockets_.back()->sid());
}

// One request on a connection of its own, which stays.
void Crowd::ask(const std::string& method, const std::string& sid, std::string_view body) {
  if (polls_.size() >= most_clients) polls_.erase(polls_.begin());
  polls_.push_back(std::make_unique<support::RawPeer>(stage_.world));
  support::RawPeer& peer = *polls_.back();
  peer.send(method + " " + query() + "polling" + sid + " HTTP/1.1\r\nHost: a\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  peer.run_for(milliseconds(3));
  const std::size_t at = peer.received().find(R"("sid":")");
  if (at != std::string::npos) sids_.push_back(peer.received().substr(at + 7, 20));
}

void Crowd::step() {
  enum : std::uint8_t { socket, poll, post, speak, speak_bytes, probe, upgrade, lose, wait, age };
  switch (decisions_.below(age + 1)) {
    case socket:
      return open_socket("");
    case poll:
      return ask("GET", decisions_.chance() ? sid() : "", "");
    case post:
      return ask("POST", sid(), decisions_.text());
    case speak:
      if (support::Peer* const peer = somebody()) peer->say(decisions_.text());
      return;
    case speak_bytes:
      if (support::Peer* const peer = somebody()) peer->say_bytes(decisions_.text());
      return;
    case probe:
      open_socket(sid());
      if (!sockets_.empty()) sockets_.back()->say("2probe");
      return;
    case upgrade:
      if (support::Peer* const peer = somebody()) peer->say("5");
      return;
    case lose:
      if (support::Peer* const peer = somebody()) peer->leave();
      return;
    case wait:
      return stage_.world.runner.run_for(milliseconds(10) * decisions_.byte());
    default:
      is_old_ = decisions_.chance();
  }
}

void Crowd::leave() {
  polls_.clear();
  sockets_.clear();
}

void run(std::string_view input) {
  Decisions decisions(input);
  Occasions occasions(decisions.text());
  static const events::SocketDeeds deeds = events::all_deeds();
  events::SocketStage stage([&](events::SocketStage& at, const std::string&, events::Socket* on) {
    const auto what = occasions.take();
    if (!what) return;
    const auto index = static_cast<std::ptrdiff_t>(*what % deeds.size());
    std::next(deeds.begin(), index)->second(at, on);
  });
  Crowd crowd(stage, decisions);
  while (!decisions.over()) crowd.step();
  crowd.leave();
  stage.end();
}

const Registration registration({"sessions", run});

}  // namespace
}  // namespace duplex::fuzz

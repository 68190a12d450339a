// What an EngineServer keeps of a session: the protocol's half, and where its transports are.
#pragma once

#include <any>
#include <memory>
#include <string>
#include <utility>

#include "duplex/events/engine_server.h"
#include "endpoint/broadcast.h"
#include "events/engine_http.h"
#include "net/reactor.h"

namespace duplex::events {

using namespace endpoint;  // the layer that this one is made of

// A message for many sessions. WebSockets that take it as it is share one frame. Owner: the call
// that sends it, which `workshop` outlives.
class EngineBroadcast {
 public:
  EngineBroadcast(engineio::SharedMessage message, websocket::DeflateWorkshop& workshop);

  const engineio::SharedMessage& message() const noexcept { return message_; }
  Broadcast& frame() noexcept { return frame_; }

 private:
  engineio::SharedMessage message_;
  std::string packet_;  // of a text
  Broadcast frame_;
};

// Owner: the server's table, and whoever is in the middle of a call.
class EngineSession::Impl final : public EngineSession,
                                  public std::enable_shared_from_this<EngineSession::Impl>,
                                  private net::Timer {
 public:
  Impl(EngineServer::Impl& owner, net::Reactor& reactor, std::string sid,
       engineio::Transport transport, const engineio::SessionOptions& options,
       engineio::Clock::time_point now, engineio::Dialect dialect)
      : engine(&owner),
        session(std::move(sid), transport, options, now, dialect),
        reactor_(reactor) {}
  ~Impl() override { disarm(); }

  // The engine is to look at it then, or earlier, by Reactor::fair_now().
  void arm(engineio::Clock::time_point due);
  void disarm() noexcept {
    if (armed()) reactor_.disarm_fairly(*this);
  }

  // Over WebSocket, without anything before them.
  bool takes_plain_bytes() const noexcept {
    const engineio::Dialect& dialect = session.dialect();
    return dialect.revision == engineio::Revision::four && !dialect.only_text;
  }

  EngineServer::Impl* engine;  // null once it has ended
  engineio::Session session;
  struct Poll {
    ExchangeId exchange = {};
    AnswerTerms terms = {};
  };
  std::unique_ptr<Poll> poll = {};  // that waits for an answer
  // A POST whose packets have not all been taken yet.
  struct Post {
    Post(const Exchange& from, AnswerTerms to, const engineio::PayloadReader& unread)
        : exchange(from.id()),
          request(from.request()),
          terms(std::move(to)),
          payload(unread.rest()),
          reader(unread) {
      reader.move_rest(payload);
    }
    ExchangeId exchange;
    http::OwnedRequest request;
    AnswerTerms terms;
    std::string payload;
    engineio::PayloadReader reader;
    bool is_read_now = false;  // who reads it answers, whatever ends the session meanwhile
  };
  std::shared_ptr<Post> post = {};
  ConnectionId socket = {};   // the WebSocket that is its transport
  ConnectionId probe = {};    // the one that wants to become it
  bool holds_output = false;  // a payload is being read: one answer for all of it
  bool cookie_due = true;     // the first answer sets it
  bool congested = false;     // above the high-water mark; on_drain is due
  bool overflowed = false;    // it will be closed, and takes nothing more
  net::Address peer_address = {};
  std::any user_data = {};

 private:
  void on_timer() override;

  net::Reactor& reactor_;  // is asked only while the loop is there: without it nothing is armed
  engineio::Clock::time_point timer_due_ = {};
};

// What the transports of sessions know of them: no more than that they may be gone.
using WeakSession = std::weak_ptr<EngineSession::Impl>;

// Null: of none, or of one that has gone.
inline std::shared_ptr<EngineSession::Impl> session_of(Connection& connection) {
  const WeakSession* const weak = std::any_cast<WeakSession>(&connection.user_data());
  return weak == nullptr ? nullptr : weak->lock();
}

// What the probe of a session that has ended knows: whose last payload it may say.
struct ClosedSession {
  std::string sid = {};
};

}  // namespace duplex::events

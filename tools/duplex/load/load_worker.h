// The clients of one process of `duplex load`.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "../wishes.h"
#include "duplex/duplex.h"
#include "load_options.h"
#include "load_tally.h"
#include "measure/arrivals.h"

namespace duplex::tools {

// Opens the connections, waits until all are open, loads them for the duration, waits for what is
// still under way, and ends the loop. Owner and thread: the loop's.
class LoadWorker {
 public:
  // `options` has the share of this process; `seed` is its own. `on_ramp` is called when the first
  // connections are open (or have failed).
  LoadWorker(EventLoop& loop, const LoadOptions& options, std::uint64_t seed,
             std::function<void()> on_ramp);

  void start();
  // The tally so far, and the end; from a signal's handler on the loop.
  void interrupt();
  const LoadTally& tally() const noexcept { return tally_; }

 private:
  using Nanoseconds = std::chrono::nanoseconds;
  enum class Stage : std::uint8_t { ramp, load, patience, over };

  struct Peer {
    ConnectionId id = {};
    Nanoseconds dialed = {};
    std::uint64_t sent = 0;
    std::uint64_t received = 0;     // the number of the echo that is due next
    std::uint64_t passed_over = 0;  // echoes before that one that have not come
    std::uint64_t last_event = 0;   // of the feed; 0: none yet
    bool open = false;
    bool stalled = false;
    bool leaving = false;  // closed or reset by us
    bool asked = false;    // pinged at the end, and not answered yet
  };

  void open_due();
  void dial(std::size_t index);
  ClientHandlers handlers_for(std::size_t index);
  void on_open(std::size_t index, Connection& connection, const http::Request& answered);
  void on_failure(const OpeningFailure& failure);
  void on_close(std::size_t index, const CloseEvent& event);
  void on_echo(std::size_t index, Connection& connection, Message message);
  void take_number(Peer& peer, std::uint64_t sequence);
  void on_events(Peer& peer, Message message);
  void on_event(Peer& peer, std::string_view line);
  void check_ramp();
  void begin_load();
  void send_due();
  void send(Connection& connection, Peer& peer, Nanoseconds due);
  void end_visit(Connection& connection, Peer& peer);
  void reset_all();
  void count_recovery();
  void begin_patience();
  void ask_all();
  void check_patience();
  void wait_no_longer();
  void finish();
  static bool is_waited_for(const Peer& peer) noexcept {
    return peer.open && !peer.stalled && !peer.leaving;
  }
  std::uint64_t under_way() const noexcept;
  std::uint64_t silent() const noexcept;
  bool sends() const noexcept { return !options_.hold && !options_.feed; }
  Nanoseconds now() const noexcept { return loop_.now().time_since_epoch(); }

  EventLoop& loop_;
  LoadOptions options_;
  std::function<void()> on_ramp_;
  Client client_;
  std::vector<Peer> peers_;
  std::vector<std::size_t> to_dial_;  // places without a connection, the last one first
  measure::Schedule schedule_;
  LoadTally tally_;
  std::string text_;
  Stage stage_ = Stage::ramp;
  Wishes wishes_;  // to end
  std::size_t open_count_ = 0;
  std::size_t dialing_count_ = 0;  // neither open yet nor failed
  double dial_credit_ = 1;         // openings that are due
  std::size_t next_peer_ = 0;
  Nanoseconds start_ = {};
  Nanoseconds credited_ = {};  // until when dial_credit_ has been counted
  Nanoseconds load_start_ = {};
  Nanoseconds next_due_ = {};
  Nanoseconds storm_start_ = {};  // 0: none is under way
};

}  // namespace duplex::tools

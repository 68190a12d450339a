// One case on one connection, without the connection: it is told what was received and says what
// to do next. Pure: no socket, no clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compression.h"
#include "frame_reader.h"
#include "opening.h"
#include "outcome_match.h"
#include "script.h"
#include "transcript.h"

namespace duplex::tools::suite {

using Clock = std::chrono::steady_clock;

// How a case is run.
struct Setting {
  Role role = Role::client;
  Place place = {};  // playing the client: what to ask for
  // Without a byte; heavy cases and floods get six times that, slow ones at least 12 s.
  milliseconds timeout{5000};
  milliseconds quiet{500};  // as long as this without a byte: nothing more will come
  // A server that takes no connection any more is gone after this time.
  milliseconds absence{2000};
  // The peer's largest message, if it is known: it may refuse what is larger.
  std::optional<std::uint64_t> limit = {};
};

struct CaseResult {
  std::string id;
  Verdict behavior = Verdict::failed;
  std::string behavior_close = "OK";  // Autobahn's words: OK, UNCLEAN, WRONG CODE, FAILED
  unsigned remote_close_code = 0;     // 0: the peer sent no Close frame
  milliseconds duration{0};
  bool opened = false;   // the peer's part of the opening came, whatever else was wrong with it
  bool dropped = false;  // the end of TCP was all of the peer's answer to what the case is about
  // Of anything but OK:
  std::string problem = {};  // a sentence
  std::string expected = {};
  std::string got = {};
  std::string note = {};       // whatever the verdict
  Transcript transcript = {};  // what went over the wire, shortened

  // The worse of the two.
  Verdict verdict() const noexcept;
};

// Owner: whoever has the socket. Call next() after each of the other calls until it says finish.
class CaseRun {
 public:
  enum class Next : std::uint8_t { wait, write, half_close, reset, finish };

  CaseRun(const Case& item, const Setting& setting, Clock::time_point now);

  Next next(Clock::time_point now);
  // To be written now, in a write of its own; whatever part of it was written is to be told.
  std::string_view output() const noexcept;
  bool has_more_pieces() const noexcept { return out_piece_ != 0; }
  void written(std::size_t size, Clock::time_point now);
  void received(std::string_view bytes, Clock::time_point now);
  void half_closed(Clock::time_point now);
  // The peer has ended TCP, by FIN or RST.
  void peer_ended(Clock::time_point now);
  // Instead of all that: there is no connection, in those words.
  void not_connected(std::string problem);
  // When next() is to be asked again although nothing has happened.
  Clock::time_point deadline(Clock::time_point now) const noexcept;

  const Case& item() const noexcept { return item_; }
  // Something has come.
  bool answered() const noexcept { return opened_ || !http_.empty(); }
  // After finish.
  CaseResult result(Clock::time_point now) const;

 private:
  // opening: heads come and go; answers: of a request that is to be refused.
  enum class Phase : std::uint8_t { opening, answers, script, over };

  // --- Opening
  void put_request();
  void receive_head(std::string_view bytes);
  void take_response(const HttpHead& head);
  void take_request(const HttpHead& head);
  void open(std::string_view rest);
  void agree(const std::optional<DeflateTerms>& terms);
  bool is_answered() const;

  // --- Script
  Next run_answers(Clock::time_point now);
  Next run_script(Clock::time_point now);
  std::optional<Next> run_step(const Step& step, Clock::time_point now);
  std::optional<Next> run_pause(const Step& step, Clock::time_point now);
  Next end_conversation(Clock::time_point now);
  Next over();
  void receive_frames(std::string_view bytes);
  void take(Item item);
  void put(std::string bytes, std::size_t piece = 0, milliseconds pace = {});
  void clear_output() noexcept;
  void put_message(const Step& step);
  void put_close(unsigned code);
  bool is_quiet(Clock::time_point now) const noexcept;
  milliseconds long_quiet() const noexcept { return 4 * setting_.quiet; }
  bool has_closed() const noexcept { return reader_.close_code().has_value() || peer_ended_; }
  bool may_close(Clock::time_point now) const;
  bool is_left_open(Clock::time_point now) const;
  std::chrono::microseconds since_start(Clock::time_point now) const;

  // --- Judgement
  bool items_match(std::size_t outcome) const { return matches_[outcome].whole(); }
  bool any_outcome(Ending::Kind kind, Clock::time_point now) const;
  bool may_still_match() const;
  bool in_time(const Outcome& outcome) const;
  bool was_agreed(const std::string& parameter) const {
    return extensions_.find(parameter) != std::string::npos;
  }
  std::string judge_ending(const Ending& ending) const;
  std::string judge_close(const Ending& ending) const;
  std::string judge_failure(const CaseResult& result) const;
  bool is_dropped() const;
  void judge_frames(CaseResult& result) const;
  void judge_refusal(CaseResult& result) const;
  struct Finding;
  Finding judge_answers(const std::vector<HttpHead>& answers) const;
  Finding judge_step(const std::vector<HttpHead>& answers) const;
  bool answers_too_much(const std::vector<HttpHead>& answers) const;
  std::string describe_expected() const;
  std::string describe_received() const;

  const Case& item_;
  Setting setting_;
  Script script_;
  std::vector<OutcomeMatch> matches_;  // one for each outcome
  std::size_t largest_answer_;         // that is worth reading, in bytes
  FrameReader reader_;
  std::size_t item_count_ = 0;
  std::vector<Item> items_;  // the first of them, as many as are kept to tell of
  std::size_t item_room_;    // bytes for more
  Phase phase_ = Phase::opening;
  Clock::time_point start_;
  Clock::time_point active_;  // the last byte, either way
  milliseconds patience_;     // without a byte
  Clock::time_point end_;     // at the latest
  std::optional<Clock::time_point> pause_end_;

  std::string out_;
  std::size_t out_at_ = 0;
  std::size_t out_piece_ = 0;
  milliseconds out_pace_{0};        // between two pieces
  Clock::time_point next_piece_{};  // when it is due

  HttpHead request_;
  std::string http_;  // all of HTTP that has come
  std::unique_ptr<Inflater> inflater_;
  std::unique_ptr<Deflater> deflater_;
  std::size_t step_ = 0;
  std::optional<std::size_t> closed_at_step_;
  std::string problem_;  // of the opening
  std::string no_connection_ = {};
  bool opened_ = false;  // the peer's part of the opening has come
  bool unimplemented_ = false;
  std::string extensions_ = {};  // as a server answered
  bool close_sent_ = false;
  bool we_close_first_ = false;
  bool half_closed_ = false;
  bool reset_ = false;
  bool peer_ended_ = false;
  bool timed_out_ = false;
  Transcript transcript_;
};

// "text 5 bytes: 48 65 6c 6c 6f": long payloads are shortened.
std::string describe(const Item& item);

}  // namespace duplex::tools::suite

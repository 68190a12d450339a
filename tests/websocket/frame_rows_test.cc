// The F rows of tests/data/frames.json, cut in every way: the result must not depend on the cuts.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>
#include <set>

#include "../support/guard_page.h"
#include "../support/rows.h"
#include "session.h"

namespace duplex::websocket {
namespace {

constexpr std::size_t large = std::size_t{64} << 10;  // bytes; longer rows are not cut everywhere
constexpr unsigned random_cut_count = 100;

struct Row {
  std::string id = {};
  std::string bytes = {};
  std::string end = {};  // FIN, RST or empty
  std::string required = {};
};

Row read_row(const support::Json& json) {
  Row row{.id = json["id"].string, .required = json["required"].string};
  for (const support::Json& step : json["steps"].array) {
    row.bytes += support::bytes_of(step["send"]);
    if (!step["do"].string.empty()) row.end = step["do"].string;
  }
  return row;
}

// The rows that need no extension. Those that do belong to permessage-deflate.
std::vector<Row> load_frame_rows() {
  std::vector<Row> rows;
  for (const support::Json& json : support::load_rows("frames.json").array) {
    if (json["extensions"].kind == support::Json::Kind::null) rows.push_back(read_row(json));
  }
  return rows;
}

const std::vector<Row>& frame_rows() {
  static const std::vector<Row> rows = load_frame_rows();
  return rows;
}

ProtocolOptions row_options() {
  ProtocolOptions options;
  options.max_message_size = std::size_t{1} << 20;
  return options;
}

// All that can be seen of a protocol from outside.
struct Outcome {
  Lines events;
  std::string sent;
  State state = State::open;
  Violation violation = Violation::none;
  CloseCode code = CloseCode::abnormal_closure;
  bool mid_message = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome outcome_of(Session& session) {
  return {.events = session.events(),
          .sent = session.sent_bytes(),
          .state = session->state(),
          .violation = session->violation(),
          .code = session->received_close_code(),
          .mid_message = session->mid_message()};
}

// Feeds pieces of at most `size(rest)` bytes.
using Sizes = std::function<std::size_t(std::size_t)>;
enum class Memory { of_the_reader, of_the_message };

Outcome run(const Row& row, const ProtocolOptions& options, const Sizes& size,
            Memory memory = Memory::of_the_reader) {
  Session session(Role::server, options);
  std::string_view rest = row.bytes;
  while (!rest.empty()) {
    const std::string_view piece = rest.substr(0, size(rest.size()));
    if (memory == Memory::of_the_message) {
      session.receive_where_wanted(piece);
    } else {
      session.receive(piece);
    }
    rest.remove_prefix(piece.size());
  }
  return outcome_of(session);
}

Outcome run_whole(const Row& row) {
  return run(row, row_options(), [](std::size_t rest) { return rest; });
}

Sizes random_sizes(unsigned seed, std::size_t average) {
  auto random = std::make_shared<std::minstd_rand>(seed);
  return [random, average](std::size_t) { return 1 + (*random)() % (2 * average); };
}

// In the words of the table: what came of it, joined by '+'.
std::string verdict(const Row& row, const Outcome& outcome) {
  Lines words;
  std::string close;
  bool ponged = false;
  for (const support::WireFrame& frame : support::decode_frames(outcome.sent)) {
    ponged |= frame.opcode() == 0xA;
    if (frame.opcode() == 0x8) close = std::to_string(support::close_code(frame.payload));
  }
  if (ponged) words.push_back("pong");
  for (const std::string& line : outcome.events) {
    if (line.starts_with("text") || line.starts_with("binary")) words.push_back("message");
  }
  if (!close.empty()) words.push_back(close);
  if (close.empty() && row.end == "FIN") words.push_back("fin");
  if (close.empty() && row.end == "RST") words.push_back("gone");
  if (words.empty()) return "wait";
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "+") + word;
  return text;
}

TEST(FrameRowsTest, EachRowDoesWhatIsRequired) {
  ASSERT_EQ(frame_rows().size(), 138u);
  for (const Row& row : frame_rows()) {
    const Outcome outcome = run_whole(row);
    const std::string required = row.id == "F95" ? "1007" : row.required;
    EXPECT_EQ(verdict(row, outcome), required) << row.id;
    const bool closed = !required.empty() && std::isdigit(required.back()) != 0;
    EXPECT_EQ(outcome.state, closed ? State::closed : State::open) << row.id;
  }
}

TEST(FrameRowsTest, RowsWithExtensionsAreKnown) {
  std::set<std::string> skipped;
  for (const support::Json& json : support::load_rows("frames.json").array) {
    if (json["extensions"].kind != support::Json::Kind::null) skipped.insert(json["id"].string);
  }
  std::set<std::string> expected = {"F07", "F54", "F55", "F98"};
  for (int i = 100; i <= 130; ++i) expected.insert("F" + std::to_string(i));
  EXPECT_EQ(skipped, expected);
}

TEST(FrameRowsTest, MessagesArriveUntouched) {
  for (const Row& row : frame_rows()) {
    std::string message;
    for (const support::WireFrame& frame : support::decode_frames(
             row.required == "message" && !row.bytes.empty() ? row.bytes : std::string())) {
      if (frame.opcode() < 8) message += frame.payload;
    }
    if (row.required != "message") continue;
    const Outcome outcome = run_whole(row);
    ASSERT_FALSE(outcome.events.empty()) << row.id;
    EXPECT_TRUE(outcome.events.back().ends_with(" " + message)) << row.id;
  }
}

TEST(FrameRowsTest, ByteByByte) {
  for (const Row& row : frame_rows()) {
    EXPECT_EQ(run(row, row_options(), [](std::size_t) { return 1; }), run_whole(row)) << row.id;
  }
}

TEST(FrameRowsTest, EverySplitInTwo) {
  for (const Row& row : frame_rows()) {
    if (row.bytes.size() > large) continue;
    const Outcome whole = run_whole(row);
    for (std::size_t first = 1; first < row.bytes.size(); ++first) {
      const Sizes halves = [&](std::size_t rest) {
        return rest == row.bytes.size() ? first : rest;
      };
      ASSERT_EQ(run(row, row_options(), halves), whole) << row.id << " cut at " << first;
    }
  }
}

TEST(FrameRowsTest, RandomSplits) {
  for (const Row& row : frame_rows()) {
    const Outcome whole = run_whole(row);
    const bool is_large = row.bytes.size() > large;
    for (unsigned seed = 1; seed <= (is_large ? 5 : random_cut_count); ++seed) {
      const std::size_t average = is_large ? 20'000 : 1 + row.bytes.size() / (1 + seed % 7);
      ASSERT_EQ(run(row, row_options(), random_sizes(seed, average)), whole)
          << row.id << " seed " << seed;
    }
  }
}

TEST(FrameRowsTest, ReceivedStraightIntoTheMessage) {
  for (const Row& row : frame_rows()) {
    if (row.bytes.size() <= large) continue;
    const Outcome whole = run_whole(row);
    for (unsigned seed = 1; seed <= 5; ++seed) {
      ASSERT_EQ(run(row, row_options(), random_sizes(seed, 20'000), Memory::of_the_message), whole)
          << row.id << " seed " << seed;
    }
  }
}

// The protocol's answers and the joined pieces are the same when fragments are delivered.
TEST(FrameRowsTest, DeliveredInPieces) {
  ProtocolOptions options = row_options();
  options.deliver_fragments = true;
  for (const Row& row : frame_rows()) {
    const Outcome whole = run_whole(row);
    const unsigned seeds = row.bytes.size() > large ? 3 : 20;
    for (unsigned seed = 1; seed <= seeds; ++seed) {
      const std::size_t average = 1 + row.bytes.size() / (1 + seed % 7);
      ASSERT_EQ(run(row, options, random_sizes(seed, average)), whole) << row.id << " " << seed;
    }
  }
}

// Without limits the lengths of F14 to F19 must do no harm either.
TEST(FrameRowsTest, WithoutLimits) {
  ProtocolOptions options;
  options.max_message_size = std::numeric_limits<std::size_t>::max();
  options.max_fragments = std::numeric_limits<std::uint32_t>::max();
  const std::set<std::string> waiting = {"F16", "F17", "F19"};
  for (const Row& row : frame_rows()) {
    const Outcome whole = run(row, options, [](std::size_t rest) { return rest; });
    const Outcome cut = run(row, options, random_sizes(7, 1 + row.bytes.size() / 5));
    EXPECT_EQ(whole, cut) << row.id;
    if (waiting.count(row.id) != 0) {
      EXPECT_EQ(verdict(row, whole), "wait") << row.id;
    } else if (row.required != "1008" && row.id != "F18" && row.id != "F38" && row.id != "F95") {
      EXPECT_EQ(verdict(row, whole), row.required) << row.id;
    }
  }
}

TEST(FrameRowsTest, EachReadEndsAtAGuardPage) {
  support::GuardPage guard(large);
  for (const Row& row : frame_rows()) {
    if (row.bytes.size() > large) continue;
    for (const std::size_t step : {row.bytes.size(), std::size_t{1}, std::size_t{3}}) {
      Session session(Role::server, row_options());
      for (std::size_t at = 0; at < row.bytes.size(); at += step) {
        session->receive(guard.place(std::string_view(row.bytes).substr(at, step)), session.now());
        session.take_events();
      }
      EXPECT_EQ(outcome_of(session), run_whole(row)) << row.id;
    }
  }
}

// One row behind another, when the first leaves the connection open between messages.
TEST(FrameRowsTest, RowsGluedTogether) {
  std::minstd_rand random(42);
  for (const Row& first : frame_rows()) {
    const Outcome before = run_whole(first);
    const bool continues = before.state == State::open && !before.mid_message && first.id != "F23";
    if (!continues || !first.end.empty() || first.bytes.size() > large) continue;
    for (int i = 0; i < 10; ++i) {
      const Row& second = frame_rows()[random() % frame_rows().size()];
      if (second.bytes.size() > large) continue;
      const Outcome after = run_whole(second);
      Lines events = before.events;
      events.insert(events.end(), after.events.begin(), after.events.end());
      const Outcome glued = run_whole({.bytes = first.bytes + second.bytes});
      EXPECT_EQ(glued.events, events) << first.id << " then " << second.id;
      EXPECT_EQ(glued.sent, before.sent + after.sent) << first.id << " then " << second.id;
    }
  }
}

}  // namespace
}  // namespace duplex::websocket

// The F rows of tests/data/frames.json, and running one with its bytes cut in some way.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <random>
#include <set>

#include "../support/rows.h"
#include "duplex/websocket/permessage_deflate.h"
#include "session.h"

namespace duplex::websocket {

constexpr std::size_t large = std::size_t{64} << 10;  // bytes; longer rows are not cut everywhere
constexpr unsigned random_cut_count = 100;

struct Row {
  std::string id = {};
  std::string bytes = {};
  std::string end = {};  // FIN, RST or empty
  std::string required = {};
  std::string extensions = {};  // offered and agreed; empty: none
};

inline Row read_row(const support::Json& json) {
  Row row{.id = json["id"].string,
          .required = json["required"].string,
          .extensions = json["extensions"].string};
  for (const support::Json& step : json["steps"].array) {
    row.bytes += support::bytes_of(step["send"]);
    if (!step["do"].string.empty()) row.end = step["do"].string;
  }
  return row;
}

// "F08_3" of "F08.3": the name of a test has no dots.
inline std::string row_name(const testing::TestParamInfo<Row>& row) {
  std::string name = row.param.id;
  std::ranges::replace(name, '.', '_');
  return name;
}

inline std::vector<Row> load_frame_rows(bool with_extensions) {
  std::vector<Row> rows;
  for (const support::Json& json : support::load_rows("frames.json").array) {
    Row row = read_row(json);
    if (row.extensions.empty() != with_extensions) rows.push_back(std::move(row));
  }
  return rows;
}

inline ProtocolOptions row_options() {
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

inline Outcome outcome_of(Session& session) {
  return {.events = session.events(),
          .sent = session.sent_bytes(),
          .state = session->state(),
          .violation = session->violation(),
          .code = session->received_close_code(),
          .mid_message = session->mid_message()};
}

// A server that agrees to whatever is offered, and compresses nothing itself.
inline const DeflateOptions row_deflate = {.threshold = std::numeric_limits<std::size_t>::max(),
                                           .context_takeover = true,
                                           .peer_context_takeover = true};

inline void agree_on_extensions(Session& session, const std::string& offer,
                                DeflateWorkshop& workshop) {
  if (offer.empty()) return;
  const http::Field field = {"Sec-WebSocket-Extensions", offer};
  const auto offers = parse_extensions(http::Fields(std::span(&field, 1)));
  const auto agreed = accept_deflate(*offers, row_deflate);
  ASSERT_TRUE(agreed) << offer;
  session->set_extension(
      make_permessage_deflate(Role::server, agreed->parameters, row_deflate, workshop));
}

// Feeds pieces of at most `size(rest)` bytes.
using Sizes = std::function<std::size_t(std::size_t)>;
enum class Memory { of_the_reader, of_the_message };

inline Outcome run(const Row& row, const ProtocolOptions& options, const Sizes& size,
                   Memory memory = Memory::of_the_reader) {
  DeflateWorkshop workshop;
  Session session(Role::server, options);
  agree_on_extensions(session, row.extensions, workshop);
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

inline Outcome run_whole(const Row& row) {
  return run(row, row_options(), [](std::size_t rest) { return rest; });
}

inline Sizes random_sizes(unsigned seed, std::size_t average) {
  auto random = std::make_shared<std::minstd_rand>(seed);
  return [random, average](std::size_t) { return 1 + (*random)() % (2 * average); };
}

// In the words of the table: what came of it, joined by '+'.
inline std::string verdict(const Row& row, const Outcome& outcome) {
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

}  // namespace duplex::websocket

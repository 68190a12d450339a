// The W rows of tests/data/http_requests.json and the K rows of client_openings.json, through the
// HTTP parsers and the handshake.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "../support/allocations.h"
#include "../support/rows.h"
#include "duplex/http/parser.h"
#include "opening.h"
#include "session.h"

namespace duplex::websocket {
namespace {

// --- Server: W rows ------------------------------------------------------------------------------

const std::vector<std::string> spoken = {"chat"};
const std::vector<std::string> origins = {"https://good.example"};

struct Opening {
  int status = 0;
  std::string accept = {};
  std::string subprotocol = {};
  std::string behind = {};  // bytes that belong to the WebSocket
};

Opening judge(http::RequestParser& parser) {
  const auto answer =
      accept_handshake(parser.request(), {.subprotocols = spoken, .allowed_origins = origins});
  if (!answer) return {.status = refusal_for(answer.error()).status};
  return {.status = 101,
          .accept = answer->accept,
          .subprotocol = std::string(answer->subprotocol),
          .behind = support::to_string(parser.take_unread())};
}

// As a server does it: after the head of an opening nothing more is HTTP.
Opening open(std::string_view bytes, std::size_t step) {
  const http::ParserLimits limits;
  http::RequestParser parser(limits);
  std::vector<std::vector<std::byte>> reads;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    reads.push_back(support::to_bytes(bytes.substr(at, step)));
    parser.receive(reads.back());
    if (const auto event = parser.next_event()) {
      if (event->kind == http::Event::Kind::error) return {.status = status_for(event->error)};
      if (event->kind == http::Event::Kind::head) return judge(parser);
    }
  }
  return {};
}

// Where a row leaves a choice, this is ours; the rest is the number it begins with.
int required_status(const support::Json& row) {
  static const std::map<std::string, int> ours = {{"W27", 426}, {"W60", 400}, {"W66", 426}};
  const auto found = ours.find(row["id"].string);
  return found != ours.end() ? found->second : std::stoi(row["required"].string);
}

TEST(HandshakeRowsTest, EachOpeningIsAnsweredAsRequired) {
  int count = 0;
  for (const support::Json& row : support::load_rows("http_requests.json").array) {
    if (row["group"].string != "websocket opening") continue;
    const std::string& id = row["id"].string;
    const std::string bytes = support::bytes_of(row["bytes"]);
    const Opening whole = open(bytes, bytes.size());
    EXPECT_EQ(whole.status, required_status(row)) << id;
    EXPECT_EQ(open(bytes, 1).status, whole.status) << id;
    if (whole.status == 101 && id != "W16") {
      EXPECT_EQ(whole.accept, sample_accept) << id;
    }
    EXPECT_EQ(whole.subprotocol, id == "W35" ? "chat" : "") << id;
    ++count;
  }
  EXPECT_EQ(count, 66);
}

// What they cost in time, `make bench` measures.
TEST(HandshakeRowsTest, W39SpacesInAListAllocateNoMoreThanOne) {
  const auto allocations_for = [](std::size_t spaces) {
    const std::string request = support::opening_request(
        "/ws", "Sec-WebSocket-Protocol: b" + std::string(spaces, ' ') + "x\r\n");
    const std::size_t before = support::allocation_count();
    EXPECT_EQ(open(request, request.size()).status, 400);
    return support::allocation_count() - before;
  };
  EXPECT_EQ(allocations_for(8000), allocations_for(1));
}

// Row W61: a frame in the same read as the request.
TEST(HandshakeRowsTest, S5FramesBehindTheRequestAreNotLost) {
  const std::string request = support::opening_request();
  const std::string frames = support::client_frame(0x81, "hello") + support::client_frame(0x89, "");
  const Opening opening = open(request + frames, request.size() + frames.size());
  ASSERT_EQ(opening.status, 101);
  Session session;
  session.receive(opening.behind);
  EXPECT_EQ(session.events(), (Lines{"text hello", "ping "}));
}

// --- Client: K rows ------------------------------------------------------------------------------

// What becomes of a connection to that server: "fail", "open", and what is received or failed with.
std::string connect(std::string_view head, std::string_view then, std::size_t step) {
  const http::ParserLimits limits;
  http::ResponseParser parser(limits);
  std::string bytes(head);
  bytes += then;
  std::vector<std::vector<std::byte>> reads;
  Session session(Role::client);
  bool opened = false;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    reads.push_back(support::to_bytes(std::string_view(bytes).substr(at, step)));
    if (opened) {
      session.receive(support::to_string(reads.back()));
      continue;
    }
    parser.receive(reads.back());
    while (const auto event = parser.next_event()) {
      if (event->kind == http::Event::Kind::error) return "fail";
      if (event->kind != http::Event::Kind::head) continue;
      const int status = parser.response().status;
      if (status < 200 && status != 101) continue;
      if (!verify_handshake(parser.response(), sample_key)) return "fail";
      opened = true;
    }
    if (opened) session.receive(support::to_string(parser.take_unread()));
  }
  if (!opened) return "waiting";
  std::string result = "open";
  if (session.record().count("text hi") == 1) result += ", message hi";
  if (session->state() == State::closed) {
    result += ", " + std::to_string(support::close_code(session.sent().back().payload));
  }
  return result;
}

// Openings that need permessage-deflate, which is not offered here: all of them fail.
const std::set<std::string> with_extension = {"K14", "K33"};

std::string required_of_client(const std::string& id) {
  if (with_extension.count(id) != 0) return "fail";
  static const std::map<std::string, std::string> opened = {
      {"K01", "open, message hi"}, {"K12", "open, message hi"}, {"K27", "open, message hi"},
      {"K28", "open, message hi"}, {"K29", "open, 1002"},       {"K30", "open, 1009"},
      {"K31", "open, 1002"},       {"K32", "open, message hi"}, {"K34", "open, 1008"},
      {"K35", "open, 1002"},       {"K36", "open, 1002"},       {"K37", "open"},
      {"K24", "waiting"}};
  const auto found = opened.find(id);
  return found == opened.end() ? "fail" : found->second;
}

TEST(HandshakeRowsTest, EachAnswerIsJudgedAsRequired) {
  int count = 0;
  for (const support::Json& row : support::load_rows("client_openings.json").array) {
    const std::string& id = row["id"].string;
    std::string head = support::bytes_of(row["response_head"]);
    for (std::size_t at; (at = head.find("{A}")) != std::string::npos;) {
      head.replace(at, 3, sample_accept);
    }
    const std::string then = support::bytes_of(row["then"]);
    for (const std::size_t step : {head.size() + then.size(), std::size_t{7}}) {
      EXPECT_EQ(connect(head, then, step), required_of_client(id)) << id;
    }
    ++count;
  }
  EXPECT_EQ(count, 38);
}

}  // namespace
}  // namespace duplex::websocket

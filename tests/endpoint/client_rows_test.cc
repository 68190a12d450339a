// The hostile answers to a client's opening, played by a server of bare bytes.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "../support/wire.h"
#include "client_openings.h"
#include "raw_server.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::SimulatedServer;

// They need permessage-deflate: where it is not offered, an answer with it fails.
const std::map<std::string, std::string> with_extension = {{"K14", "open, hi"},
                                                           {"K33", "open, sends 1009"}};

// What the client makes of it: "fail" or "open", its messages, the code of the Close frame that it
// sends, and that of its close event.
std::string required_of(const std::string& id, bool deflate) {
  const auto extended = with_extension.find(id);
  if (extended != with_extension.end()) return deflate ? extended->second : "fail";
  static const std::map<std::string, std::string> opened = {
      {"K01", "open, hi"},         {"K12", "open, hi"},         {"K27", "open, hi"},
      {"K28", "open, hi"},         {"K29", "open, sends 1002"}, {"K30", "open, sends 1009"},
      {"K31", "open, sends 1002"}, {"K32", "open, hi"},         {"K34", "open, sends 1008"},
      {"K35", "open, sends 1002"}, {"K36", "open, sends 1002"}, {"K37", "open"}};
  const auto found = opened.find(id);
  return found == opened.end() ? "fail" : found->second;
}

// A client that writes down what it is told.
struct Told {
  std::string story = {};
  int opened = 0;
  int failed = 0;
  int closed = 0;
  CloseCode code = {};
  OpeningFailure failure = {};
};

ClientHandlers tell(Told& told) {
  return {.websocket = {.on_open =
                            [&](Connection&, const http::Request&) {
                              ++told.opened;
                              told.story += "open";
                            },
                        .on_message =
                            [&](Connection&, Message message) {
                              told.story += ", " + std::string(message.text());
                            },
                        .on_close =
                            [&](Connection&, const CloseEvent& event) {
                              ++told.closed;
                              told.code = event.code;
                            }},
          .on_failure = [&](const OpeningFailure& failure) {
            ++told.failed;
            told.story += "fail";
            told.failure = failure;
          }};
}

// The code of the Close frame among what the client sent behind its request.
std::string sent_close(const std::string& received) {
  const auto head = received.find("\r\n\r\n");
  if (head == std::string::npos) return "";
  for (const auto& frame : support::decode_frames(std::string_view(received).substr(head + 4))) {
    if (frame.opcode() == 8) return ", sends " + std::to_string(support::close_code(frame.payload));
  }
  return "";
}

// Offers permessage-deflate and leaves the choice to the server.
const websocket::DeflateOptions willing = {.context_takeover = true, .peer_context_takeover = true};

class ClientRows : public testing::TestWithParam<OpeningRow> {
 protected:
  void expect_row(bool deflate);
};

TEST_P(ClientRows, AreJudgedAsRequired) { expect_row(false); }

TEST_P(ClientRows, AreJudgedAsRequiredWhereCompressionWasOffered) { expect_row(true); }

void ClientRows::expect_row(bool deflate) {
  const OpeningRow& row = GetParam();
  SimulatedServer world;
  RawServer server(world);
  Client client(world.client_side.loop);
  Told told;
  ConnectOptions options;
  if (deflate) options.deflate = willing;
  client.connect("ws://127.0.0.1:90/", tell(told), options);
  server.run_for(milliseconds(20));
  ASSERT_NE(server.field("Sec-WebSocket-Key"), "");
  server.send(row.answer_to(server.field("Sec-WebSocket-Key")));
  if (row.ends) server.end();
  server.run_for(milliseconds(200));
  if (row.id == "K24") {
    EXPECT_EQ(told.story, "");
    server.run_for(milliseconds(9770));
    EXPECT_EQ(told.story, "") << "at its deadline";
    server.run_for(milliseconds(30));
  }
  EXPECT_EQ(told.story + sent_close(server.received()), required_of(row.id, deflate));
  EXPECT_EQ(told.opened + told.failed, 1);
  server.end();
  server.run_for(seconds(3));
  EXPECT_TRUE(server.ended());
  EXPECT_EQ(told.closed, told.opened);
  EXPECT_EQ(told.code, told.opened != 0 ? CloseCode::abnormal_closure : CloseCode{});
  EXPECT_EQ(client.connection_count(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Table, ClientRows, testing::ValuesIn(load_openings()),
                         [](const auto& row) { return row.param.id; });

class ClientRow : public testing::Test {
 protected:
  Told play(const std::string& id) {
    Told told;
    RawServer server(world_);
    Client client(world_.client_side.loop);
    client.connect("ws://127.0.0.1:90/", tell(told));
    server.run_for(milliseconds(20));
    for (const OpeningRow& row : load_openings()) {
      if (row.id == id) server.send(row.head);
    }
    server.end();
    server.run_for(milliseconds(20));
    EXPECT_EQ(told.failed, 1);
    return told;
  }

  SimulatedServer world_;
};

TEST_F(ClientRow, K08AndK09AndK10TellTheStatusAndDoNotFollow) {
  EXPECT_EQ(play("K08").failure.status, 200);
  const Told refused = play("K09");
  EXPECT_EQ(refused.failure.status, 401);
  EXPECT_EQ(play("K10").failure.status, 302);
}

TEST_F(ClientRow, R47TellsThatANameHasNoAddress) {
  Told told;
  Client client(world_.client_side.loop);
  client.connect("ws://nowhere.test/", tell(told));
  world_.runner.run_for(milliseconds(20));
  EXPECT_EQ(told.failure.message,
            "cannot connect to nowhere.test: no address is known for this name");
}

TEST_F(ClientRow, TheBodyOfARefusalIsKeptUpTo4KiB) {
  Told told;
  RawServer server(world_);
  Client client(world_.client_side.loop);
  client.connect("ws://127.0.0.1:90/", tell(told));
  server.run_for(milliseconds(20));
  server.send("HTTP/1.1 401 No\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));
  server.run_for(milliseconds(20));
  EXPECT_EQ(told.failure.body, std::string(4096, 'x'));
  EXPECT_EQ(client.connection_count(), 0U);
}

TEST_F(ClientRow, SeventeenInformationalAnswersAreTooMany) {
  for (const int count : {16, 17}) {
    Told told;
    RawServer server(world_);
    Client client(world_.client_side.loop);
    client.connect("ws://127.0.0.1:90/", tell(told));
    server.run_for(milliseconds(20));
    std::string answer;
    for (int i = 0; i < count; ++i) answer += "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    server.send(answer + "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
                "Sec-WebSocket-Accept: " +
                websocket::accept_value(server.field("Sec-WebSocket-Key")) + "\r\n\r\n");
    server.run_for(milliseconds(20));
    EXPECT_EQ(told.story, count == 16 ? "open" : "fail");
  }
}

}  // namespace
}  // namespace duplex

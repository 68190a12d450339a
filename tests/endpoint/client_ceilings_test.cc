// What one hostile server may cost a client at most: the rows of openings and what floods behind
// them, with every byte counted that the client allocates at any moment.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "../support/wire.h"
#include "client_openings.h"
#include "metered_process.h"
#include "raw_server.h"

namespace duplex {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using support::repeated;
using support::server_frame;

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t limit = 1024 * kibibyte;  // of a message
// A message that grows while it is collected exists twice for a moment.
constexpr std::size_t one_message = 2 * limit + 64 * kibibyte;
// The connection, and a head of 16 KiB, which grows likewise.
constexpr std::size_t no_message = 48 * kibibyte;
// And what waits to be written, or the beginning of a message.
constexpr std::size_t one_buffer = no_message + 64 * kibibyte;

const websocket::DeflateOptions with_context = {.context_takeover = true,
                                                .peer_context_takeover = true};

OpeningRow opening_row(std::string_view id) {
  for (OpeningRow& row : load_openings()) {
    if (row.id == id) return std::move(row);
  }
  throw std::out_of_range(std::string(id));
}

class ClientCeilings : public testing::Test {
 protected:
  ClientCeilings() {
    ClientOptions options;
    options.websocket.max_message_size = limit;
    process_.run([&] { client_.emplace(process_.loop, options); });
    handlers_ = {.websocket = {.on_message = [this](Connection&, Message) { ++messages_; },
                               .on_ping = [this](Connection&, Bytes) { ++pings_; },
                               .on_close = [this](auto&, const CloseEvent& e) { event_ = e; }},
                 .on_failure = [this](const auto& failure) { failure_ = failure.message; }};
  }

  // The request has come, and nothing has been answered.
  void connect(bool deflate = false) {
    server_.reset();
    server_.emplace(world_);
    ConnectOptions options;
    if (deflate) options.deflate = with_context;
    process_.run([&] { id_ = client_->connect("ws://127.0.0.1:90/", handlers_, options); });
    server_->run_for(milliseconds(20));
    messages_ = pings_ = 0;
    event_ = {};
    before_ = process_.meter.size();
    process_.meter.take_peak();
  }
  void answer(const OpeningRow& row) {
    server_->send(row.answer_to(server_->field("Sec-WebSocket-Key")));
    server_->run_for(milliseconds(50));
  }
  // The server has let the client in.
  void open(bool deflate = false) {
    connect(deflate);
    OpeningRow row = opening_row(deflate ? "K33" : "K01");
    row.then.clear();
    answer(row);
    ASSERT_NE(client_->find(id_), nullptr);
  }
  // The most that the client has held, above what it held when it waited for the answer.
  std::size_t peak() { return process_.meter.take_peak() - before_; }
  std::string frames() const {
    return server_->received().substr(server_->received().find("\r\n\r\n") + 4);
  }

  support::SimulatedServer world_;
  MeteredProcess process_{world_, "metered client"};
  std::optional<RawServer> server_;
  std::optional<Client> client_;
  ClientHandlers handlers_;
  ConnectionId id_;
  std::size_t before_ = 0;
  int messages_ = 0;
  int pings_ = 0;
  CloseEvent event_;
  std::string failure_;
};

TEST_F(ClientCeilings, OfEveryRow) {
  for (const OpeningRow& row : load_openings()) {
    for (const bool deflate : {false, true}) {
      connect(deflate);
      answer(row);
      const bool inflates = row.id == "K33" && deflate;
      EXPECT_LE(peak(), inflates ? one_message : one_buffer) << row.id;
      server_->end();
      server_->run_for(seconds(3));
      EXPECT_EQ(client_->connection_count(), 0U) << row.id;
    }
  }
}

// Of many fields, and of one.
TEST_F(ClientCeilings, K23AHeadWithoutEnd) {
  const std::string fields = opening_row("K23").head;
  EXPECT_GE(fields.size(), limit);
  for (const std::string& flood : {fields, fields.substr(0, 100) + std::string(limit, 'y')}) {
    connect();
    server_->send(flood);
    server_->run_for(milliseconds(50));
    EXPECT_NE(std::exchange(failure_, ""), "");
    EXPECT_LE(peak(), no_message);
  }
}

// The body of a refusal is kept up to 4 KiB, however long it is.
TEST_F(ClientCeilings, K23ARefusalWithoutEnd) {
  connect();
  server_->send("HTTP/1.1 403 No\r\nContent-Length: 4000000\r\n\r\n" + std::string(limit, 'x'));
  EXPECT_NE(failure_, "");
  EXPECT_LE(peak(), no_message);
}

// As fast as the client takes them, and none of its answers is read.
TEST_F(ClientCeilings, K32PingsWhoseAnswersCannotBeWritten) {
  constexpr int count = 50'000;
  open();
  std::string pings;
  for (int i = 0; i < count; ++i) {
    std::string payload = std::to_string(i);
    payload.resize(125, '.');
    pings += server_frame(0x89, payload);
  }
  for (std::string_view left = pings; !left.empty();) {
    left.remove_prefix(server_->offer(left));
    world_.runner.run_for(milliseconds(1));
  }
  world_.runner.run_for(milliseconds(5));
  EXPECT_EQ(pings_, count);
  EXPECT_LE(peak(), one_buffer);
  ASSERT_NE(client_->find(id_), nullptr) << "only the newest ping is owed an answer";
  EXPECT_LE(client_->find(id_)->queued_bytes(), 64 * kibibyte);
  server_->run_for(milliseconds(200));
  const auto pongs = support::decode_frames(frames());
  EXPECT_LE(pongs.size(), std::size_t{count} / 10);
  EXPECT_TRUE(pongs.back().payload.starts_with(std::to_string(count - 1)));
  EXPECT_EQ(client_->find(id_)->queued_bytes(), 0U);
}

TEST_F(ClientCeilings, K34FragmentsWithoutEnd) {
  for (const std::string_view payload : {"", "x"}) {
    open();
    server_->send(server_frame(0x02, payload) + repeated(server_frame(0x00, payload), 200'000));
    server_->run_for(milliseconds(50));
    EXPECT_EQ(event_.violation, websocket::Violation::too_many_fragments);
    // Twice the payload of at most 131,072 bytes, and not an object for each fragment.
    EXPECT_LE(peak(), payload.empty() ? no_message : 2 * 131'072 + no_message);
  }
}

TEST_F(ClientCeilings, K30K31AnAnnouncedLengthCostsNothing) {
  for (const std::string_view length :
       {"0000000000100001", "7fffffffffffffff", "ffffffffffffffff", "0000000000100000"}) {
    open();
    server_->send(support::from_hex("827f" + std::string(length)) + std::string(1000, 'x'));
    server_->run_for(milliseconds(50));
    EXPECT_LE(peak(), one_buffer) << length;
    EXPECT_EQ(messages_, 0);
  }
}

TEST_F(ClientCeilings, AMessageThatIsTooBigCostsTheLimit) {
  open();
  const std::string part = server_frame(0x00, std::string(16 * kibibyte, 'x'));
  server_->send(server_frame(0x02, "") + repeated(part, 1000));
  server_->run_for(milliseconds(50));
  EXPECT_EQ(event_.violation, websocket::Violation::message_too_big);
  EXPECT_EQ(messages_, 0);
  EXPECT_LE(peak(), one_message);
}

TEST_F(ClientCeilings, K33ADeflateBomb) {
  for (int i = 0; i < 10; ++i) {  // what one took is given back before the next one
    open(true);
    server_->send(opening_row("K33").then);
    server_->run_for(milliseconds(50));
    EXPECT_EQ(event_.violation, websocket::Violation::message_too_big);
    EXPECT_EQ(messages_, 0);
    EXPECT_LE(peak(), one_message);
  }
}

// The same for requests: what is gathered of an answer has a limit, and its head one of its own.
TEST_F(ClientCeilings, OfAnswersToRequests) {
  std::optional<HttpClient> http;
  process_.run([&] { http.emplace(process_.loop, HttpClientOptions{.max_body_size = limit}); });
  const std::string head = "HTTP/1.1 200 OK\r\nX: " + std::string(limit, 'y');
  const std::string body = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                           repeated("4000\r\n" + std::string(0x4000, 'x') + "\r\n", 200);
  for (const std::string* flood : {&head, &body}) {
    server_.reset();
    server_.emplace(world_);
    failure_.clear();
    process_.run([&] {
      http->request({.url = "http://127.0.0.1:90/"},
                    {.on_failure = [this](const auto& failure) { failure_ = failure.message; }});
    });
    server_->run_for(milliseconds(20));
    before_ = process_.meter.size();
    process_.meter.take_peak();
    server_->send(*flood);
    server_->run_for(milliseconds(20));
    EXPECT_NE(failure_, "");
    EXPECT_LE(peak(), flood == &body ? one_message : no_message);
  }
}

}  // namespace
}  // namespace duplex

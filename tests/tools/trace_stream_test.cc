// Segments put in order, connections told apart, states of both ends.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "../../tools/duplex/trace/connection_table.h"
#include "../../tools/duplex/trace/tcp_states.h"
#include "../../tools/duplex/trace/tcp_stream.h"
#include "trace_packets.h"

namespace duplex::tools::trace {
namespace {

using Kind = Arrival::Kind;

// Around the end of the numbers.
constexpr std::uint32_t start = 0xFFFFFFFA;

class Stream : public testing::Test {
 protected:
  Stream() { stream_.start(start); }
  Arrival receive(std::size_t place, std::string_view text) {
    return stream_.receive(start + static_cast<std::uint32_t>(place), as_bytes(text));
  }
  std::string read(std::size_t place, std::string_view text, Kind kind) {
    const Arrival arrival = receive(place, text);
    EXPECT_EQ(arrival.kind, kind);
    return std::string(as_text(arrival.ready));
  }
  TcpStream stream_;
};

TEST_F(Stream, GivesWhatComesInOrder) {
  EXPECT_EQ(read(0, "hello", Kind::in_order), "hello");
  EXPECT_EQ(read(5, "", Kind::empty), "");
  EXPECT_EQ(read(5, " world", Kind::in_order), " world");
  EXPECT_EQ(stream_.next_sequence(), 5U);
}

TEST_F(Stream, HoldsBackWhatComesTooEarly) {
  EXPECT_EQ(receive(6, "world").missing, 6U);
  EXPECT_EQ(read(11, "!", Kind::ahead), "");
  const Arrival arrival = receive(0, "hello ");
  EXPECT_EQ(as_text(arrival.ready), "hello world!");
  EXPECT_TRUE(arrival.filled_gap);
}

TEST_F(Stream, KnowsWhatItHasHadBefore) {
  EXPECT_EQ(read(0, "hello", Kind::in_order), "hello");
  EXPECT_EQ(read(0, "hello", Kind::retransmitted), "");
  EXPECT_EQ(read(3, "lo", Kind::retransmitted), "");
  EXPECT_EQ(read(3, "lo world", Kind::overlapping), " world");
}

TEST_F(Stream, SkipsWhatTheCaptureHasMissed) {
  EXPECT_EQ(read(0, "hello", Kind::in_order), "hello");
  EXPECT_EQ(stream_.skip_to(start + 5), 0U);
  EXPECT_EQ(read(9, "x", Kind::ahead), "");
  EXPECT_EQ(stream_.skip_to(start + 10), 5U);
  EXPECT_EQ(stream_.skip_to(start + 8), 0U);
  EXPECT_EQ(read(10, "go on", Kind::in_order), "go on");
}

TEST_F(Stream, HoldsABoundedAmount) {
  const std::string piece(TcpStream::max_waiting / 4, 'x');
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(receive(1 + i * piece.size(), piece).kind, Kind::ahead);
  }
  EXPECT_EQ(receive(1 + 4 * piece.size(), "y").kind, Kind::too_far);
  EXPECT_EQ(receive(1, piece).kind, Kind::ahead) << "the same again takes no more room";
  EXPECT_EQ(receive(0, "a").ready.size(), 1 + TcpStream::max_waiting);
}

// Pieces of a text in any order, doubled and overlapping: the text comes out.
TEST_F(Stream, PutsAnyOrderRight) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += static_cast<char>('a' + i % 26);
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::pair<std::size_t, std::size_t>> pieces;
    for (std::size_t at = 0; at < text.size(); at += 1 + random() % 20) {
      pieces.emplace_back(at, 20 + random() % 10);
    }
    std::shuffle(pieces.begin(), pieces.end(), random);
    stream_ = TcpStream();
    stream_.start(start);
    std::string out;
    for (const auto& [at, size] : pieces) out += as_text(receive(at, text.substr(at, size)).ready);
    EXPECT_EQ(out, text) << "seed " << seed;
  }
}

Packet packet_of(const PacketPlan& plan) {
  const CapturedPacket captured = make_packet(plan);
  return *read_packet(captured.link, captured.bytes);
}

TEST(ConnectionTable, KnowsWhoHasBegun) {
  ConnectionTable table;
  EXPECT_EQ(table.find(packet_of({.flags = "S", .sequence = 5})), 0U);
  EXPECT_EQ(table.find(packet_of({.from_client = false, .flags = "SA"})), 0U);
  EXPECT_EQ(table.all()[0].client.port(), client_port);
  EXPECT_TRUE(table.all()[0].from_start);
  EXPECT_EQ(table.all()[0].packet_count, 2U);
  EXPECT_EQ(table.find(packet_of({.flags = "S", .version = 6})), 1U);
}

TEST(ConnectionTable, GuessesWhereNoSynIsSeen) {
  ConnectionTable by_port;
  by_port.find(packet_of({.from_client = false}));
  EXPECT_EQ(by_port.all()[0].client.port(), client_port);
  EXPECT_FALSE(by_port.all()[0].from_start);
  ConnectionTable told(client_port);
  told.find(packet_of({.from_client = false}));
  EXPECT_EQ(told.all()[0].client.port(), server_port);
}

TEST(ConnectionTable, SeesThatTheSameEndsBeginAgain) {
  ConnectionTable table;
  table.find(packet_of({.flags = "S", .sequence = 5}));
  EXPECT_EQ(table.find(packet_of({.flags = "S", .sequence = 9})), 0U) << "it has not ended";
  table.find(packet_of({.from_client = false, .flags = "FA"}));
  EXPECT_EQ(table.find(packet_of({.flags = "S", .sequence = 5})), 0U) << "the same SYN again";
  EXPECT_EQ(table.find(packet_of({.flags = "S", .sequence = 9})), 1U);
}

class States : public testing::Test {
 protected:
  // What both ends are in after this packet, before which `missing` bytes have not come.
  std::string see(Side from, const PacketPlan& plan, std::uint32_t missing = 0) {
    const std::uint32_t end = plan.sequence + static_cast<std::uint32_t>(plan.payload.size());
    states_.see(from, packet_of(plan).tcp, plan.payload.size(), end - missing);
    return std::string(name_of(states_.of(Side::client))) + " " +
           std::string(name_of(states_.of(Side::server)));
  }
  void open() {
    EXPECT_EQ(see(Side::client, {.flags = "S", .sequence = 10}), "SYN-SENT SYN-RECEIVED");
    EXPECT_EQ(see(Side::server, {.flags = "SA", .sequence = 20, .acknowledgement = 11}),
              "ESTABLISHED SYN-RECEIVED");
    EXPECT_EQ(see(Side::client, {.sequence = 11, .acknowledgement = 21}),
              "ESTABLISHED ESTABLISHED");
  }
  TcpStates states_{true};
};

TEST_F(States, EndOneAfterTheOther) {
  open();
  EXPECT_EQ(see(Side::server, {.flags = "FA", .sequence = 21, .acknowledgement = 11}),
            "CLOSE-WAIT FIN-WAIT-1");
  EXPECT_EQ(see(Side::client, {.sequence = 11, .acknowledgement = 22}), "CLOSE-WAIT FIN-WAIT-2");
  EXPECT_FALSE(states_.ended());
  EXPECT_EQ(see(Side::client, {.flags = "FA", .sequence = 11, .acknowledgement = 22}),
            "LAST-ACK TIME-WAIT");
  EXPECT_FALSE(states_.ended());
  EXPECT_EQ(see(Side::server, {.sequence = 22, .acknowledgement = 12}), "CLOSED TIME-WAIT");
  EXPECT_TRUE(states_.ended());
}

TEST_F(States, EndAtTheSameTime) {
  open();
  see(Side::client, {.flags = "FA", .sequence = 11, .acknowledgement = 21, .payload = "x"});
  EXPECT_EQ(see(Side::server, {.flags = "FA", .sequence = 21, .acknowledgement = 11}),
            "CLOSING LAST-ACK")
      << "the client's own FIN is not acknowledged yet";
  EXPECT_EQ(see(Side::server, {.sequence = 22, .acknowledgement = 13}), "TIME-WAIT LAST-ACK");
}

// RFC 9293 section 3.10.7.4: what comes too early is processed when all before it has come.
TEST_F(States, LetAFinWaitForWhatStandsBeforeIt) {
  open();
  const PacketPlan fin = {.flags = "FA", .sequence = 21, .acknowledgement = 21};
  EXPECT_EQ(see(Side::client, fin, 10), "FIN-WAIT-1 ESTABLISHED");
  const PacketPlan first = {.sequence = 11, .acknowledgement = 21, .payload = "12345"};
  EXPECT_EQ(see(Side::client, first), "FIN-WAIT-1 ESTABLISHED");
  EXPECT_EQ(see(Side::server, {.sequence = 21, .acknowledgement = 16}), "FIN-WAIT-1 ESTABLISHED");
  const PacketPlan second = {.sequence = 16, .acknowledgement = 21, .payload = "67890"};
  EXPECT_EQ(see(Side::client, second), "FIN-WAIT-1 CLOSE-WAIT");
  EXPECT_EQ(see(Side::server, {.sequence = 21, .acknowledgement = 22}), "FIN-WAIT-2 CLOSE-WAIT");
}

TEST_F(States, TakeAFinWhoseDataWasNotCapturedWhenItIsAcknowledged) {
  open();
  see(Side::client, {.flags = "FA", .sequence = 21, .acknowledgement = 21}, 10);
  EXPECT_EQ(see(Side::server, {.flags = "FA", .sequence = 21, .acknowledgement = 22}),
            "TIME-WAIT LAST-ACK");
}

TEST_F(States, LetTheFinOfOneWhoHasSaidFinWaitToo) {
  open();
  see(Side::client, {.flags = "FA", .sequence = 11, .acknowledgement = 21});
  EXPECT_EQ(see(Side::server, {.flags = "FA", .sequence = 26, .acknowledgement = 12}, 5),
            "FIN-WAIT-2 LAST-ACK");
  const PacketPlan data = {.sequence = 21, .acknowledgement = 12, .payload = "12345"};
  EXPECT_EQ(see(Side::server, data), "TIME-WAIT LAST-ACK");
}

TEST_F(States, AreBothOverAfterAReset) {
  EXPECT_FALSE(states_.ended());
  open();
  EXPECT_EQ(see(Side::server, {.flags = "R"}), "CLOSED CLOSED");
  EXPECT_TRUE(states_.ended());
}

}  // namespace
}  // namespace duplex::tools::trace

// What packets are for, told from captured bytes, to the byte.
#include "../../tools/duplex/bench/wire_ledger.h"

#include <gtest/gtest.h>

#include "trace_packets.h"

namespace duplex::tools {
namespace {

using trace::PacketPlan;

constexpr double header = 14 + 20 + 20;          // without options
constexpr double with_timestamps = header + 12;  // in each segment
constexpr std::string_view segment_size_1460("\x02\x04\x05\xb4", 4);
const std::string timestamps("\x01\x01\x08\x0a\0\0\0\x01\0\0\0\x02", 12);
const std::string request = "GET /feed/sp?after=1 HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nevent";
const std::string empty_answer = "HTTP/1.1 204 No Content\r\n\r\n";

double size_of(std::string_view text) { return static_cast<double>(text.size()); }

// A client and a server that keep count of what they have sent.
class Talk {
 public:
  void client(std::string_view payload, std::string_view flags = "AP") {
    send(true, payload, flags);
  }
  void server(std::string_view payload, std::string_view flags = "AP") {
    send(false, payload, flags);
  }
  void open(std::string_view syn_options = segment_size_1460) {
    options_ = syn_options;
    client({}, "S");
    server({}, "SA");
    options_ = {};
    client({}, "A");
  }
  void use(std::string_view options) { options_ = options; }
  // The last one again.
  void again() { ledger_.add(trace::make_packet(last_)); }
  const WireBytes& sum() const { return ledger_.sum(); }

 private:
  void send(bool from_client, std::string_view payload, std::string_view flags) {
    std::uint32_t& mine = from_client ? client_ : server_;
    last_ = {.from_client = from_client,
             .flags = flags,
             .sequence = mine,
             .acknowledgement = from_client ? server_ : client_,
             .payload = payload,
             .options = options_};
    ledger_.add(trace::make_packet(last_));
    mine += static_cast<std::uint32_t>(payload.size());
    if (flags.find_first_of("SF") != std::string_view::npos) ++mine;
  }

  WireLedger ledger_{{trace::server_port}};
  std::uint32_t client_ = 1000;
  std::uint32_t server_ = 4'294'967'290;  // it wraps
  std::string_view options_ = {};
  PacketPlan last_ = {};
};

TEST(WireLedger, TellsHeadsContentAndHeadersApart) {
  Talk talk;
  talk.open();
  const double opening = 2 * (header + 4);
  EXPECT_EQ(talk.sum().packet_headers, opening);
  EXPECT_EQ(talk.sum().acknowledgements, header);
  talk.client(request);
  talk.server(answer);
  talk.client({}, "A");
  const WireBytes& sum = talk.sum();
  EXPECT_EQ(sum.heads, size_of(request) + size_of(answer) - 5);
  EXPECT_EQ(sum.content, 5);
  EXPECT_EQ(sum.packet_headers, opening + 2 * header);
  EXPECT_EQ(sum.acknowledgements, 2 * header);
  EXPECT_EQ(sum.empty_polls, 0);
  EXPECT_EQ(sum.packets, 6);
  EXPECT_EQ(sum.total(), 6 * header + 8 + size_of(request) + size_of(answer));
}

TEST(WireLedger, AnEmptyPollIsWholeOneOnceTheNextOneBegins) {
  Talk talk;
  talk.open();
  talk.client(request);
  talk.server(answer);
  const WireBytes before = talk.sum();
  talk.client(request);
  talk.server(empty_answer);
  talk.client({}, "A");
  const double cost = size_of(request) + size_of(empty_answer) + 3 * header;
  EXPECT_EQ(talk.sum().total(), before.total() + cost);
  EXPECT_EQ(talk.sum().empty_polls, 0);
  talk.client(request);
  EXPECT_EQ(talk.sum().empty_polls, cost);
  EXPECT_EQ(talk.sum().heads, before.heads + size_of(request));
  EXPECT_EQ(talk.sum().packet_headers, before.packet_headers + header);
  EXPECT_EQ(talk.sum().acknowledgements, before.acknowledgements);
}

TEST(WireLedger, AnEmptyPollOfItsOwnConnectionIsThatConnection) {
  Talk talk;
  talk.open();
  talk.client(request);
  talk.server(empty_answer, "APF");
  talk.client({}, "AF");
  talk.server({}, "A");
  EXPECT_EQ(talk.sum().empty_polls, talk.sum().total());
  EXPECT_EQ(talk.sum().total(), 7 * header + 8 + size_of(request) + size_of(empty_answer));
  EXPECT_EQ(talk.sum().packets, 7);
}

TEST(WireLedger, AnUpgradeEndsTheHeads) {
  Talk talk;
  talk.open();
  const std::string upgrade = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
  talk.client(request);
  talk.server(upgrade + "\x81\x01x");
  talk.server("\x81\x01y");
  talk.client(std::string("\x8a\x80\0\0\0\0", 6));  // a pong, no request
  talk.server("\x81\x01z");
  EXPECT_EQ(talk.sum().heads, size_of(request) + size_of(upgrade));
  EXPECT_EQ(talk.sum().content, 3 + 3 + 6 + 3);
  EXPECT_EQ(talk.sum().empty_polls, 0);
}

TEST(WireLedger, AHeadMayComeInPieces) {
  Talk talk;
  talk.open();
  talk.client(std::string_view(request).substr(0, 9));
  talk.client(std::string_view(request).substr(9));
  for (std::size_t i = 0; i < answer.size(); ++i)
    talk.server(std::string_view(answer).substr(i, 1));
  EXPECT_EQ(talk.sum().heads, size_of(request) + size_of(answer) - 5);
  EXPECT_EQ(talk.sum().content, 5);
}

TEST(WireLedger, ALargePacketIsAsManyAsItIsCutInto) {
  Talk talk;
  talk.open();
  talk.use(timestamps);
  const double before = talk.sum().total();
  talk.server(std::string(1448, 'x'));
  EXPECT_EQ(talk.sum().packets, 4);
  talk.server(std::string(1449, 'x'));
  EXPECT_EQ(talk.sum().packets, 6);
  talk.server(std::string(14480, 'x'));
  EXPECT_EQ(talk.sum().packets, 16);
  EXPECT_EQ(talk.sum().content, 1448 + 1449 + 14480);
  EXPECT_EQ(talk.sum().total() - before, talk.sum().content + 13 * with_timestamps);
}

// Of 12 bytes, the timestamps take all.
TEST(WireLedger, ASegmentWithoutRoomForAByteIsNone) {
  Talk talk;
  talk.open({"\x02\x04\x00\x0c", 4});
  talk.use(timestamps);
  talk.server(std::string(1448, 'x'));
  EXPECT_EQ(talk.sum().packets, 4);
  EXPECT_EQ(talk.sum().content, 1448);
}

TEST(WireLedger, WhatCameBeforeIsSentAgain) {
  Talk talk;
  talk.open();
  talk.server("event");
  talk.again();
  EXPECT_EQ(talk.sum().content, 5);
  EXPECT_EQ(talk.sum().sent_again, header + 5);
  EXPECT_EQ(talk.sum().packets, 5);
}

TEST(WireLedger, WhatIsMissingCountsWhenItComes) {
  WireLedger ledger({trace::server_port});
  const auto server = [&ledger](std::uint32_t sequence, std::string_view payload) {
    ledger.add(
        trace::make_packet({.from_client = false, .sequence = sequence, .payload = payload}));
  };
  server(1, "ab");
  server(5, "ef");
  EXPECT_EQ(ledger.sum().content, 2);
  server(3, "cd");
  EXPECT_EQ(ledger.sum().content, 6);
  EXPECT_EQ(ledger.sum().sent_again, 0);
  EXPECT_EQ(ledger.sum().packet_headers, 3 * header);
}

TEST(WireLedger, TheOwnQuestionDoesNotCount) {
  Talk talk;
  talk.open();
  talk.client("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
  talk.server(answer);
  talk.client({}, "A");
  EXPECT_EQ(talk.sum().total(), 0);
  EXPECT_EQ(talk.sum().packets, 0);
}

TEST(WireLedger, APortThatIsUsedAgainIsAnotherConnection) {
  WireLedger ledger({trace::server_port});
  const auto add = [&ledger](bool from_client, std::string_view flags, std::uint32_t sequence,
                             std::string_view payload) {
    ledger.add(trace::make_packet({.from_client = from_client,
                                   .flags = flags,
                                   .sequence = sequence,
                                   .acknowledgement = 1,
                                   .payload = payload}));
  };
  add(true, "S", 100, "");
  add(true, "AP", 101, "GET /metrics HTTP/1.1\r\n\r\n");
  add(true, "S", 9000, "");
  add(true, "S", 9000, "");  // again: not another one
  add(true, "AP", 9001, request);
  EXPECT_EQ(ledger.sum().heads, size_of(request));
  EXPECT_EQ(ledger.sum().packet_headers, 3 * header);
}

TEST(WireLedger, WithoutEthernetItCountsAsIfThereWereOne) {
  WireLedger ledger({trace::server_port});
  trace::CapturedPacket packet = trace::make_packet({.payload = request});
  packet.bytes.erase(packet.bytes.begin(), packet.bytes.begin() + 14);
  packet.link = trace::LinkType::raw_ip;
  ledger.add(packet);
  EXPECT_EQ(ledger.sum().total(), header + size_of(request));
  packet.bytes.resize(10);
  ledger.add(packet);  // no packet: passed over
  EXPECT_EQ(ledger.sum().packets, 1);
}

TEST(WireLedger, AnIpv6HeaderIsLonger) {
  WireLedger ledger({trace::server_port});
  ledger.add(trace::make_packet({.payload = "GET ", .version = 6}));
  EXPECT_EQ(ledger.sum().packet_headers, header + 20);
}

}  // namespace
}  // namespace duplex::tools

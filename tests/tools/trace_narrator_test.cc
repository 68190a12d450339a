// Packets in, a story out.
#include <gtest/gtest.h>

#include "../../tools/duplex/trace/render.h"
#include "../../tools/duplex/trace/socket_story.h"
#include "trace_scene.h"

namespace duplex::tools::trace {
namespace {

TEST(TraceNarrator, TellsAConnectionFromSynToFin) {
  Scene scene;
  scene.upgrade();
  EXPECT_EQ(scene.say(Side::client, masked_hello), "DATA|TEXT");
  EXPECT_EQ(scene.say(Side::server, plain_hello), "DATA|TEXT");
  EXPECT_EQ(scene.say(Side::client, std::string("\x89\x81\0\0\0\0a", 7)), "DATA|PING");
  EXPECT_EQ(scene.say(Side::server,
                      "\x8a\x01"
                      "a"),
            "DATA|PONG");
  EXPECT_EQ(scene.line("SESSION").what, "heartbeat: answered after 10.0 µs");
  EXPECT_EQ(scene.say(Side::client, std::string("\x88\x82\0\0\0\0\x03\xe9", 8)), "DATA|CLOSE");
  EXPECT_EQ(scene.line("CLOSE").what.substr(0, 17), "1001 (going away:");
  EXPECT_EQ(scene.say(Side::server, "\x88\x02\x03\xe9", "FA"), "DATA, FIN|CLOSE");
  EXPECT_EQ(scene.say(Side::client, "", "FA"), "FIN");
  EXPECT_FALSE(scene.narrator.ended());
  EXPECT_EQ(scene.say(Side::server, ""), "ACK");
  EXPECT_TRUE(scene.narrator.ended());
  const Story story = scene.narrator.finish();
  EXPECT_EQ(story.client, "10.0.0.1:40000");
  EXPECT_EQ(story.server, "10.0.0.2:9001");
  EXPECT_EQ(story.steps.size(), 13U);
  EXPECT_EQ(story.layers.size(), 7U);
  EXPECT_EQ(story.layers[3].what,
            "real: TCP, open after 20.0 µs (one round trip), median round trip 10.0 µs, "
            "nothing sent twice");
  EXPECT_EQ(story.totals.front(),
            "13 packets, 1032 bytes on the wire: 10 of messages, 24 of frame headers, 6 in ping, "
            "pong and close, 290 of HTTP heads, 702 of TCP, IP and link headers");
}

TEST(TraceNarrator, GivesAbsoluteNumbersAndOptions) {
  Scene scene;
  scene.add({.flags = "S", .sequence = 4294967295, .options = {"\x02\x04\x05\xb4", 4}});
  EXPECT_EQ(scene.line("SYN").what, "seq=4294967295   MSS 1460");
  EXPECT_EQ(scene.line("SYN").meaning,
            "“May I talk to you? My first byte will have the number 0.”");
  EXPECT_EQ(scene.line("SYN").states,
            "client SYN-SENT, server SYN-RECEIVED; flags SYN; window 1000 bytes");
  EXPECT_EQ(scene.line("IPv4").what,
            "10.0.0.1 → 10.0.0.2   TTL 64, id 0x1234, DF   44 bytes, of which 20 are the header");
  EXPECT_EQ(scene.line("ETHERNET").what.substr(0, 39), "04:04:04:04:04:04 → 02:02:02:02:02:02");
}

TEST(TraceNarrator, DerivesTheAcceptValue) {
  Scene scene;
  scene.upgrade();
  const std::vector<std::string> details = scene.line("101").details;
  const std::vector<std::string> expected = {
      "How the server proves that it has read the request:",
      "  key      dGhlIHNhbXBsZSBub25jZQ==   16 random bytes, in Base64",
      "  ‖ GUID   258EAFA5-E914-47DA-95CA-C5AB0DC85B11   the same for everybody",
      "  → SHA-1  b37a4f2c c0624f16 90f64606 cf385945 b2bec4ea",
      "  → Base64 s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
      "  = Sec-WebSocket-Accept ✓"};
  ASSERT_GE(details.size(), expected.size());
  EXPECT_EQ(std::vector<std::string>(details.end() - 6, details.end()), expected);
}

TEST(TraceNarrator, DrawsAFrame) {
  Scene scene;
  scene.upgrade();
  scene.say(Side::client, masked_hello);
  const std::vector<std::string> expected = {
      "┌─────┬─────┬────────┬──────┬─────────┬─────────────┬────────────────┐",
      "│ FIN │ RSV │ opcode │ MASK │ length  │ masking key │    payload     │",
      "│  1  │ 000 │  0001  │  1   │ 0000101 │ 37 fa 21 3d │ 7f 9f 4d 51 58 │",
      "└─────┴─────┴────────┴──────┴─────────┴─────────────┴────────────────┘",
      "  7f 9f 4d 51 58   the payload as it was sent",
      "⊕ 37 fa 21 3d 37   the masking key, over and over",
      "= 48 65 6c 6c 6f   what was meant"};
  EXPECT_EQ(scene.line("TEXT").details, expected);
  EXPECT_EQ(scene.line("TEXT").what, "\"Hello\"   6+5 bytes");
  EXPECT_EQ(scene.line("MASKED").what, "unmasked with 37 fa 21 3d; valid UTF-8");
}

TEST(TraceNarrator, SaysWhatAReceiverMustRefuse) {
  Scene scene;
  scene.upgrade();
  EXPECT_EQ(scene.say(Side::client, plain_hello), "DATA|TEXT");
  EXPECT_NE(scene.line("TEXT").meaning.find("a client must mask"), std::string::npos);
  EXPECT_EQ(scene.say(Side::server, masked_hello), "DATA|TEXT");
  EXPECT_NE(scene.line("TEXT").meaning.find("a server must not mask"), std::string::npos);
  EXPECT_EQ(scene.say(Side::server, "\x81\x02\xff\xff"), "DATA|TEXT");
  EXPECT_NE(scene.line("TEXT").meaning.find("closed with 1007"), std::string::npos);
  EXPECT_EQ(scene.say(Side::client, masked_hello), "DATA|TEXT");
  EXPECT_EQ(scene.line("TEXT").meaning, "a whole message");
}

// A frame may take many packets, and may never end.
TEST(TraceNarrator, SaysThatAPacketHasAPartOfAFrame) {
  Scene scene;
  scene.upgrade();
  EXPECT_EQ(scene.say(Side::server, std::string("\x82\x7f\0\0\0\0\0\x10\0\0abc", 13)), "DATA|PART");
  EXPECT_EQ(scene.say(Side::server, std::string(100, 'x')), "DATA|PART");
  EXPECT_EQ(scene.line("PART").what, "100 bytes of a frame that goes on");
  EXPECT_EQ(scene.say(Side::server, "", "FA"), "FIN|UNREADABLE");
}

TEST(TraceNarrator, SaysWhatIsSentAgainAndWhatComesTooEarly) {
  Scene scene;
  scene.upgrade();
  const std::uint32_t sequence = scene.client;
  scene.say(Side::client, masked_hello);
  const auto again = [&](std::uint32_t place, std::string_view payload) {
    return scene.add(
        {.sequence = sequence + place, .acknowledgement = scene.server, .payload = payload});
  };
  EXPECT_EQ(again(0, masked_hello), "RETRANSMISSION");
  EXPECT_EQ(again(22, masked_hello), "OUT OF ORDER");
  EXPECT_EQ(scene.line("OUT OF ORDER").meaning,
            "11 bytes before it have not come yet: it must wait");
  EXPECT_EQ(again(11, masked_hello), "FILLS THE GAP|TEXT|TEXT");
  EXPECT_EQ(again(32, ""), "KEEP-ALIVE");
  EXPECT_NE(scene.narrator.finish().layers[3].what.find("1 segment sent again"), std::string::npos);
}

TEST(TraceNarrator, SeesWindowsResetsAndSynsAgain) {
  Scene scene;
  scene.add({.flags = "S", .sequence = 1000});
  EXPECT_EQ(scene.add({.flags = "S", .sequence = 1000}), "SYN AGAIN");
  scene.client = 1001;
  scene.say(Side::server, "", "SA");
  scene.say(Side::client, "");
  EXPECT_EQ(scene.add({.sequence = 1001, .acknowledgement = 5001, .window = 0}), "ZERO WINDOW");
  EXPECT_EQ(scene.add({.sequence = 1001, .acknowledgement = 5001}), "WINDOW UPDATE");
  EXPECT_EQ(scene.add({.from_client = false, .flags = "R", .sequence = 5001}), "RST");
  EXPECT_TRUE(scene.narrator.ended());
}

// RFC 7323 section 2.2: a shift of 0 is one that has been offered.
TEST(TraceNarrator, ScalesWindowsOnceBothHaveSaidSo) {
  const auto window_of = [](std::string_view answered) {
    Scene scene;
    scene.add({.flags = "S", .sequence = 1000, .options = {"\x03\x03\x07\x00", 4}});
    scene.add({.from_client = false,
               .flags = "SA",
               .sequence = 5000,
               .acknowledgement = 1001,
               .options = answered});
    scene.add({.sequence = 1001, .acknowledgement = 5001, .window = 10});
    const std::string states = scene.line("ACK").states;
    return states.substr(states.find("window"));
  };
  EXPECT_EQ(window_of({"\x03\x03\x00\x00", 4}), "window 1280 bytes");
  EXPECT_EQ(window_of({}), "window 10 bytes");
}

TEST(TraceNarrator, SaysThatAConnectionWasRefused) {
  Scene scene;
  scene.say(Side::client, "", "S");
  EXPECT_EQ(scene.say(Side::server, "", "RA"), "RST");
  const Story story = scene.narrator.finish();
  EXPECT_EQ(story.layers[3].what, "real: TCP, refused: reset before it was open");
  EXPECT_TRUE(story.totals.front().starts_with("2 packets, ")) << story.totals.front();
}

TEST(TraceNarrator, CountsOnePacket) {
  Scene scene;
  scene.say(Side::client, "", "S");
  const Story story = scene.narrator.finish();
  EXPECT_TRUE(story.totals.front().starts_with("1 packet, ")) << story.totals.front();
}

TEST(TraceNarrator, SaysWhatTheCaptureHasMissed) {
  Scene scene;
  scene.upgrade();
  scene.client += 11;
  EXPECT_EQ(scene.say(Side::server, ""), "ACK|UNREADABLE");
  EXPECT_EQ(scene.line("UNREADABLE").what, "11 bytes arrived, but the capture has missed them");
  EXPECT_EQ(scene.say(Side::client, masked_hello), "DATA");
  EXPECT_EQ(scene.say(Side::server, plain_hello), "DATA|TEXT") << "the other way goes on";
}

// What is unmasked is not yet what was said: RFC 7692 section 7.2.3.
TEST(TraceNarrator, SaysWhatACompressedMessageIsInflatedTo) {
  Scene scene;
  scene.open();
  scene.say(Side::client, opening_request);
  scene.say(Side::server, opening_answer("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                                         "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  scene.say(Side::client, std::string("\xc1\x87\0\0\0\0\xf2\x48\xcd\xc9\xc9\x07\x00", 13));
  EXPECT_EQ(scene.line("TEXT").what, "\"Hello\"   6+7 bytes, inflated to 5");
  EXPECT_EQ(scene.line("TEXT").details.back(),
            "= f2 48 cd c9 c9 07 00   what was meant, compressed");
}

TEST(TraceNarrator, SaysThatTheClockWasSet) {
  Scene scene;
  scene.open();
  scene.time -= 25;
  scene.say(Side::client, opening_request);
  scene.time = 1000;
  scene.say(Side::server, opening_answer());
  const Story story = scene.narrator.finish();
  EXPECT_EQ(story.remarks.front(),
            "packet 4 has an earlier time than one before it: the clock was set meanwhile, or the "
            "capture is not in order");
}

TEST(TraceNarrator, SaysThatAPacketWasCut) {
  Scene scene;
  scene.upgrade();
  CapturedPacket packet = make_packet(
      {.sequence = scene.client, .acknowledgement = scene.server, .payload = masked_hello});
  packet.bytes.resize(packet.bytes.size() - 5);
  const Step* const step = scene.narrator.add(packet);
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->lines.back().what,
            "the capture kept only 6 of the 11 bytes that this packet brought");
  scene.client += 11;
  EXPECT_EQ(scene.say(Side::client, masked_hello, "FA"), "DATA, FIN") << "nothing is missing";
  EXPECT_TRUE(scene.line("DATA, FIN").states.starts_with("client FIN-WAIT-1, server CLOSE-WAIT"));
}

TEST(TraceNarrator, ReadsNothingOfABrokenPacket) {
  Scene scene;
  scene.open();
  CapturedPacket packet = make_packet({.sequence = scene.client, .payload = opening_request});
  packet.bytes.back() ^= std::byte{1};
  const Step* const step = scene.narrator.add(packet);
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->lines.back().name, "BAD CHECKSUM");
  EXPECT_EQ(scene.say(Side::client, opening_request), "DATA|GET");
}

TEST(TraceNarrator, TellsTheConnectionThatIsWanted) {
  Scene scene({.connection = 2});
  EXPECT_EQ(scene.add({.flags = "S"}), "");
  EXPECT_EQ(scene.add({.flags = "S", .version = 6}), "SYN");
  EXPECT_EQ(scene.narrator.add({}), nullptr);
  const Story story = scene.narrator.finish();
  EXPECT_EQ(story.client, "[fd00::1]:40000");
  const std::vector<std::string> remarks = {
      "the capture has 2 connections; this is number 2",
      "1 packets that are not TCP, or cut or broken, were left out"};
  EXPECT_EQ(story.remarks, remarks);
}

Story short_story() {
  Scene scene;
  scene.upgrade();
  scene.say(Side::client, masked_hello);
  return scene.narrator.finish();
}

TEST(TraceRender, ShowsTheLayersThatAreWanted) {
  const Story story = short_story();
  const std::string upper = render_text(story, {.layers = {7}});
  EXPECT_EQ(upper.find("SYN  seq"), std::string::npos);
  EXPECT_NE(upper.find("L7   C→S  TEXT  \"Hello\"   6+5 bytes"), std::string::npos);
  EXPECT_EQ(upper.find('\x1b'), std::string::npos);
  const std::string lower = render_text(story, {.layers = {2, 3, 4}, .color = true});
  EXPECT_NE(lower.find("ETHERNET"), std::string::npos);
  EXPECT_EQ(lower.find("Hello"), std::string::npos);
  EXPECT_NE(lower.find('\x1b'), std::string::npos);
}

TEST(TraceRender, ExplainsEachKindOfLineOnce) {
  const std::string text = render_text(short_story(), {.explain = true});
  const std::size_t first = text.find("A piece of the stream of bytes.");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(text.find("A piece of the stream of bytes.", first + 1), std::string::npos);
  EXPECT_NE(text.find("client ESTABLISHED, server ESTABLISHED"), std::string::npos);
}

TEST(TraceRender, WritesAPageWithoutAScript) {
  Scene scene;
  scene.open();
  scene.say(Side::client, "GET /?a&b HTTP/1.1\r\nHost: a\r\nX: <b>\r\n\r\n");
  scene.say(Side::client, "GET /<script>alert(1)</script> HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string page = render_html(scene.narrator.finish(), {});
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<b>"), std::string::npos);
  EXPECT_NE(page.find("a&amp;b"), std::string::npos);
  for (const std::string_view outside : {"src=", "href=", "url(", "@import"}) {
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  }
}

TEST(TraceRender, PutsTheStoryIntoTheCommentsOfPackets) {
  const Story story = short_story();
  ASSERT_EQ(story.packets.size(), story.steps.size());
  EXPECT_EQ(story.packets[0].comment.substr(0, 18), "L4 SYN  seq=1000  ");
  EXPECT_NE(story.packets[5].comment.find("L7 TEXT  \"Hello\""), std::string::npos);
  EXPECT_NE(render_pcapng(story).find("“May I talk to you?"), std::string::npos);
  EXPECT_EQ(render_pcapng({}), "");
}

TEST(TraceRender, WritesJson) {
  const std::string json = render_json(short_story(), {.layers = {4}});
  for (const std::string_view part :
       {"\"schema_version\": 1", "\"client\": \"10.0.0.1:40000\"", "\"name\": \"SYN\"",
        "\"from\": \"server\"", "\"time\": 1e-05"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << json.substr(0, 600);
  }
  EXPECT_EQ(json.find("\"TEXT\""), std::string::npos);
}

TEST(TraceRender, WrapsAtSpaces) {
  EXPECT_EQ(wrapped("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrapped("longer-than-that", 7), (std::vector<std::string>{"longer-than-that"}));
  EXPECT_EQ(wrapped("", 7), (std::vector<std::string>{}));
}

TEST(TraceSocket, TellsWhatPassedWithoutPackets) {
  using Kind = SocketEvent::Kind;
  const auto text = [](std::string_view bytes) { return to_bytes(bytes); };
  const std::vector<SocketEvent> events = {
      {.kind = Kind::connected, .tcp = TcpFigures{.round_trip = std::chrono::microseconds(70)}},
      {.kind = Kind::sent, .bytes = text(opening_request)},
      {.kind = Kind::received, .bytes = text(opening_answer())},
      {.kind = Kind::sent, .bytes = text(masked_hello)},
      {.kind = Kind::ended}};
  const Story story = tell_socket(events, 64);
  ASSERT_EQ(story.steps.size(), 5U);
  EXPECT_EQ(story.steps[0].lines[0].what.substr(0, 19), "round trip 70.0 µs");
  EXPECT_EQ(story.steps[3].lines[1].name, "TEXT");
  EXPECT_EQ(story.steps[4].from, Side::server);
  EXPECT_EQ(story.layers[3].what, "real: TCP, seen from the socket only (TCP_INFO)");
}

}  // namespace
}  // namespace duplex::tools::trace

// Segments that come twice, late or in another order, as they are told.
#include <gtest/gtest.h>

#include "../../tools/duplex/trace/render.h"
#include "trace_scene.h"

namespace duplex::tools::trace {
namespace {

std::string sack(std::initializer_list<std::uint32_t> edges) {
  std::string option = "\x01\x01\x05";
  option += static_cast<char>(2 + 4 * edges.size());
  for (const std::uint32_t edge : edges) add32(option, edge);
  return option;
}

std::string transport_of(Scene& scene) { return scene.narrator.finish().layers[3].what; }

TEST(TraceRepeats, CountsAFinThatComesAgain) {
  Scene scene;
  scene.upgrade();
  EXPECT_EQ(scene.say(Side::client, "", "FA"), "FIN");
  EXPECT_EQ(scene.add({.flags = "FA", .sequence = scene.client - 1, .acknowledgement = 5001}),
            "FIN AGAIN");
  EXPECT_EQ(scene.line("FIN AGAIN").meaning,
            "“You have not told me that you know it, so once more: I say nothing more; I have all "
            "of yours before 5001.”");
  EXPECT_EQ(scene.say(Side::server, ""), "ACK");
  EXPECT_EQ(scene.line("ACK").what.find("after"), std::string::npos) << "of which of the two?";
  EXPECT_NE(transport_of(scene).find("1 segment sent again"), std::string::npos);
}

TEST(TraceRepeats, TellsAFinThatOvertakesData) {
  Scene scene;
  scene.upgrade();
  const std::uint32_t sequence = scene.client;
  scene.client += 11;
  EXPECT_EQ(scene.say(Side::client, "", "FA"), "OUT OF ORDER");
  EXPECT_EQ(scene.line("OUT OF ORDER").meaning,
            "11 bytes before it have not come yet: it must wait");
  EXPECT_NE(scene.line("OUT OF ORDER").what.find("FIN: nothing more"), std::string::npos);
  const auto data = [&](std::uint32_t place, std::string_view payload) {
    return scene.add({.sequence = sequence + place, .payload = payload});
  };
  EXPECT_EQ(data(0, masked_hello.substr(0, 5)).substr(0, 5), "DATA|");
  EXPECT_EQ(data(5, masked_hello.substr(5)).substr(0, 14), "FILLS THE GAP|");
  EXPECT_NE(transport_of(scene).find("nothing sent twice"), std::string::npos);
}

// Its receiver does not know of it before what is missing has come.
TEST(TraceRepeats, ShowsWhenAFinThatCameEarlyIsTaken) {
  Scene scene;
  scene.upgrade();
  const std::uint32_t sequence = scene.client;
  scene.client += 11;
  const auto states = [&](std::string_view name) {
    const std::string& text = scene.line(name).states;
    return text.substr(0, text.find(';'));
  };
  scene.say(Side::client, "", "FA");
  EXPECT_EQ(states("OUT OF ORDER"), "client FIN-WAIT-1, server ESTABLISHED");
  scene.add({.from_client = false, .sequence = scene.server, .acknowledgement = sequence});
  EXPECT_EQ(states("ACK"), "client FIN-WAIT-1, server ESTABLISHED");
  scene.add({.sequence = sequence, .payload = masked_hello.substr(0, 5)});
  EXPECT_EQ(states("DATA"), "client FIN-WAIT-1, server ESTABLISHED");
  scene.add({.sequence = sequence + 5, .payload = masked_hello.substr(5)});
  EXPECT_EQ(states("FILLS THE GAP"), "client FIN-WAIT-1, server CLOSE-WAIT");
  scene.say(Side::server, "");
  EXPECT_EQ(states("ACK"), "client FIN-WAIT-2, server CLOSE-WAIT");
}

TEST(TraceRepeats, SaysWhatHasComeTwice) {
  Scene scene;
  scene.upgrade();
  const std::uint32_t sequence = scene.client;
  scene.say(Side::client, masked_hello);
  const auto answer = [&](std::uint32_t acknowledgement, const std::string& options) {
    return scene.add({.from_client = false,
                      .sequence = scene.server,
                      .acknowledgement = acknowledgement,
                      .options = options});
  };
  const std::uint32_t end = scene.client;
  const std::string first = std::to_string(sequence);
  const std::string all = "“I have bytes " + first + " to " + std::to_string(end - 1) +
                          " twice; I have all of yours before " + std::to_string(end) + ".";
  EXPECT_EQ(answer(end, sack({sequence, end})), "ACK, D-SACK");
  EXPECT_EQ(scene.line("ACK, D-SACK").meaning, all + "”");
  EXPECT_EQ(answer(end, sack({sequence, end, end + 5, end + 9})), "ACK, D-SACK");
  EXPECT_EQ(scene.line("ACK, D-SACK").meaning,
            all + " Something is missing after that, but I have what comes behind it.”");
  EXPECT_EQ(answer(end, sack({end + 5, end + 6, end + 5, end + 9})), "ACK, D-SACK");
  EXPECT_NE(scene.line("ACK, D-SACK").meaning.find("I have byte " + std::to_string(end + 5)),
            std::string::npos);
  EXPECT_EQ(answer(end, sack({end + 5, end + 9})), "ACK, SACK");
  EXPECT_EQ(answer(end, sack({end + 5, end + 9, end + 20, end + 29})), "ACK, SACK");
  EXPECT_EQ(answer(end, sack({sequence, sequence})), "ACK, SACK") << "an empty block";
}

// They take a number, but are no bytes.
TEST(TraceRepeats, KnowsASynAndAFinByTheirNumbers) {
  Scene scene;
  scene.upgrade();
  EXPECT_EQ(scene.add({.sequence = scene.client,
                       .acknowledgement = scene.server,
                       .options = sack({5000, 5001})}),
            "ACK, D-SACK");
  EXPECT_NE(scene.line("ACK, D-SACK").meaning.find("your SYN twice"), std::string::npos);
  scene.say(Side::server, "", "FA");
  EXPECT_EQ(scene.add({.sequence = scene.client,
                       .acknowledgement = scene.server,
                       .options = sack({scene.server - 1, scene.server})}),
            "ACK, D-SACK");
  EXPECT_NE(scene.line("ACK, D-SACK").meaning.find("your FIN twice"), std::string::npos);
}

TEST(TraceRepeats, TakesNoOpeningWithALossForARoundTrip) {
  Scene scene;
  scene.add({.flags = "S", .sequence = 1000});
  scene.time = 1'000'000;
  EXPECT_EQ(scene.say(Side::client, "", "S"), "SYN AGAIN");
  EXPECT_EQ(scene.say(Side::server, "", "SA"), "SYN-ACK");
  scene.say(Side::client, "");
  EXPECT_EQ(transport_of(scene),
            "real: TCP, open after 1.00 s (the SYN was sent again), median round trip 10.0 µs, "
            "1 segment sent again");
}

TEST(TraceRepeats, KnowsWhichSegmentOfAnOpeningWasLost) {
  Scene scene;
  scene.say(Side::client, "", "S");
  scene.say(Side::server, "", "SA");
  EXPECT_EQ(
      scene.add({.from_client = false, .flags = "SA", .sequence = 5000, .acknowledgement = 1001}),
      "SYN-ACK AGAIN");
  scene.say(Side::client, "");
  EXPECT_NE(transport_of(scene).find("(the SYN-ACK was sent again)"), std::string::npos);
}

TEST(TraceRepeats, KeepsTheRoundTripOfAnOpeningWhoseSynComesAgainLater) {
  Scene scene;
  scene.open();
  EXPECT_EQ(scene.add({.flags = "S", .sequence = 1000}), "SYN AGAIN");
  EXPECT_NE(transport_of(scene).find("(one round trip)"), std::string::npos);
}

TEST(TraceRepeats, ExplainsTheirNames) {
  Scene scene;
  scene.add({.flags = "S", .sequence = 1000});
  scene.say(Side::client, "", "S");
  scene.say(Side::server, "", "SA");
  scene.say(Side::client, "", "FA");
  scene.add({.flags = "FA", .sequence = scene.client - 1, .acknowledgement = scene.server});
  scene.add({.from_client = false,
             .sequence = scene.server,
             .acknowledgement = scene.client,
             .options = sack({scene.client - 1, scene.client})});
  const Story story = scene.narrator.finish();
  const std::string text = render_text(story, {.explain = true, .width = 1000});
  const std::string json = render_json(story, {.explain = true});
  const std::string page = render_html(story, {.explain = true});
  for (const std::string_view part :
       {"SYN AGAIN", "No answer to the first one has come in time", "the SYN was sent again",
        "FIN AGAIN", "As data, a FIN is sent again until it is acknowledged", "ACK, D-SACK",
        "your FIN twice", "names what has come twice"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
    EXPECT_NE(json.find(part), std::string::npos) << part;
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace duplex::tools::trace

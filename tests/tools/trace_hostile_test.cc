// Captures of any bytes: told or refused, and never more than that.
#include <gtest/gtest.h>

#include "../../tools/duplex/capture/capture_reader.h"
#include "../../tools/duplex/capture/pcapng_writer.h"
#include "../../tools/duplex/trace/narrator.h"
#include "../../tools/duplex/trace/render.h"
#include "../support/corpus.h"
#include "trace_packets.h"
#include "trace_talk.h"

namespace duplex::tools::trace {
namespace {

// A connection that is opened, upgraded, and says each kind of frame, as packets.
std::vector<CapturedPacket> conversation(int version) {
  std::vector<CapturedPacket> packets;
  std::uint32_t client = 100;
  std::uint32_t server = 900;
  const auto say = [&](bool from_client, std::string_view payload, std::string_view flags = "A") {
    std::uint32_t& mine = from_client ? client : server;
    packets.push_back(make_packet({.from_client = from_client,
                                   .flags = flags,
                                   .sequence = mine,
                                   .acknowledgement = from_client ? server : client,
                                   .payload = payload,
                                   .version = version}));
    mine += static_cast<std::uint32_t>(payload.size()) + (flags == "A" ? 0 : 1);
  };
  say(true, "", "S");
  say(false, "", "SA");
  say(true, opening_request);
  say(false, opening_answer("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                            "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  say(true, masked_hello);
  say(false, plain_hello);
  say(false, std::string("\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", 9));
  say(true, std::string("\x89\x81\0\0\0\0a", 7));
  say(true, std::string("\x88\x82\0\0\0\0\x03\xe9", 8));
  say(true, "", "FA");
  return packets;
}

void tell_all(std::string_view file) {
  const auto capture = read_capture(as_bytes(file));
  if (!capture) return;
  Narrator narrator({});
  for (const CapturedPacket& packet : capture->packets) narrator.add(packet);
  const Story story = narrator.finish();
  const View view = {.layers = {2, 3, 4, 5, 6, 7}, .explain = true};
  EXPECT_FALSE(render_text(story, view).empty());
  EXPECT_FALSE(render_html(story, view).empty());
  EXPECT_FALSE(render_json(story, view).empty());
}

std::string changed(std::string file, support::Corpus& corpus) {
  const unsigned changes = 1 + corpus.below(8);
  for (unsigned i = 0; i < changes; ++i) {
    const std::size_t at = corpus.below(static_cast<unsigned>(file.size()));
    file[at] = static_cast<char>(corpus.below(256));
  }
  return file;
}

TEST(TraceHostile, TellsOrRefusesAnyFile) {
  support::Corpus corpus(1);
  for (const int version : {4, 6}) {
    const std::string file = write_pcapng(conversation(version), {.interface = "lo"});
    tell_all(file);
    for (int i = 0; i < 500; ++i) tell_all(changed(file, corpus));
  }
}

// A flood is counted, and the Close behind it is told.
TEST(TraceHostile, TellsNoMoreThanItsLimits) {
  std::vector<CapturedPacket> packets = conversation(4);
  packets.resize(5);
  std::string frames;
  for (int i = 0; i < 500; ++i) frames += std::string("\x82\0", 2);
  std::uint32_t sequence = 901 + static_cast<std::uint32_t>(packets[3].bytes.size()) - 54;
  const auto say = [&](std::string_view payload) {
    const CapturedPacket packet =
        make_packet({.from_client = false, .sequence = sequence, .payload = payload});
    sequence += static_cast<std::uint32_t>(payload.size());
    return packet;
  };
  Narrator narrator({});
  for (const CapturedPacket& packet : packets) narrator.add(packet);
  for (int i = 0; i < 60; ++i) narrator.add(say(frames));
  const Step* const last = narrator.add(say(std::string("\x88\x02\x03\xe8", 4)));
  ASSERT_NE(last, nullptr);
  EXPECT_TRUE(std::ranges::any_of(last->lines, [](auto& line) { return line.name == "CLOSE"; }));
  while (narrator.add(say("")) != nullptr) continue;
  const Story story = narrator.finish();
  EXPECT_EQ(story.steps.size(), most_steps);
  EXPECT_EQ(story.packets.size(), most_steps);
  std::size_t told = 0;
  for (const Step& step : story.steps) {
    told += static_cast<std::size_t>(
        std::ranges::count_if(step.lines, [](auto& line) { return line.layer == 7; }));
  }
  EXPECT_LE(told, most_utterances + 1);
  const auto has_remark = [&](std::string_view text) {
    return std::ranges::any_of(story.remarks,
                               [text](auto& each) { return each.starts_with(text); });
  };
  EXPECT_TRUE(has_remark("1 more packets were counted, and not told: a story has 50000"));
  EXPECT_TRUE(has_remark("10003 more frames, requests")) << story.remarks.back();
}

// Whole blocks, whose packets are not what they should be.
TEST(TraceHostile, TellsAnyPackets) {
  support::Corpus corpus(2);
  for (int i = 0; i < 500; ++i) {
    std::vector<CapturedPacket> packets = conversation(i % 2 == 0 ? 4 : 6);
    CapturedPacket& packet = packets[corpus.below(static_cast<unsigned>(packets.size()))];
    for (unsigned j = 0; j < 4; ++j) {
      packet.bytes[corpus.below(static_cast<unsigned>(packet.bytes.size()))] =
          static_cast<std::byte>(corpus.below(256));
    }
    if (i % 5 == 0) packet.bytes.resize(corpus.below(static_cast<unsigned>(packet.bytes.size())));
    tell_all(write_pcapng(packets, {}));
  }
}

TEST(TraceHostile, TellsWhatIsLeftOfAFile) {
  const std::string file = write_pcapng(conversation(4), {.interface = "lo"});
  for (std::size_t size = 0; size < file.size(); ++size) tell_all(file.substr(0, size));
}

}  // namespace
}  // namespace duplex::tools::trace

// Any bytes as a capture file: what is read of it is written and read again as it was, a file that
// is cut short loses packets at its end only, and what is told of it is the same each time.
#include <gtest/gtest.h>

#include <algorithm>

#include "../../tools/duplex/capture/capture_reader.h"
#include "../../tools/duplex/capture/pcapng_writer.h"
#include "../../tools/duplex/trace/narrator.h"
#include "../../tools/duplex/trace/render.h"
#include "decisions.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using namespace tools::trace;

bool same(const CapturedPacket& a, const CapturedPacket& b) {
  return a.time == b.time && a.link == b.link && a.bytes == b.bytes && a.sent_size == b.sent_size &&
         a.heading == b.heading && a.comment == b.comment;
}

bool begins_with(const Capture& whole, const Capture& part) {
  return part.packets.size() <= whole.packets.size() &&
         std::equal(part.packets.begin(), part.packets.end(), whole.packets.begin(), same);
}

// The block is as large as the file: a sanitizer sees who looks too far.
Result<Capture, CaptureFault> read_block(std::string_view file) {
  const Bytes bytes = as_bytes(file);
  const std::vector<std::byte> block(bytes.begin(), bytes.end());
  return read_capture(block);
}

// Whoever is cut in the middle of a packet has those before it, and says that there was more.
void expect_front(const Result<Capture, CaptureFault>& whole, std::string_view file,
                  std::size_t size) {
  const auto part = read_block(file.substr(0, size));
  if (!part) {
    EXPECT_LE(part.error().offset, size);
  } else if (whole) {
    EXPECT_TRUE(begins_with(*whole, *part));
  }
}

// Written once, checksums are as they should be: then nothing changes any more.
void expect_round_trip(const Capture& capture) {
  const std::string file = write_pcapng(capture.packets, {.application = "duplex"});
  const auto first = read_block(file);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->packets.size(), capture.packets.size());
  EXPECT_TRUE(first->remark.empty());
  EXPECT_EQ(write_pcapng(first->packets, {.application = "duplex"}), file);
}

Story tell(const Capture& capture, std::size_t connection) {
  Narrator narrator({.connection = connection});
  for (const CapturedPacket& packet : capture.packets) narrator.add(packet);
  return narrator.finish();
}

void expect_story(const Capture& capture, std::size_t connection) {
  const Story story = tell(capture, connection);
  EXPECT_LE(story.steps.size(), capture.packets.size());
  EXPECT_EQ(story.steps.size(), story.packets.size());
  std::size_t number = 0;
  for (const Step& step : story.steps) {
    EXPECT_EQ(step.number, ++number);
    EXPECT_FALSE(step.lines.empty());
  }
  const View view = {.layers = {2, 3, 4, 5, 6, 7}, .explain = true};
  const std::string text = render_text(story, view);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);  // nothing of a file steers a terminal
  EXPECT_EQ(render_text(tell(capture, connection), view), text);
  EXPECT_EQ(render_html(story, view).find("<script"), std::string::npos);
}

void run(std::string_view input) {
  Decisions decisions(input);
  const std::size_t connection = 1 + decisions.below(3);
  const std::size_t cut = decisions.below(65536);
  const std::string_view file = decisions.rest();
  const auto capture = read_block(file);
  if (!file.empty()) expect_front(capture, file, cut % file.size());
  if (!capture) {
    EXPECT_LE(capture.error().offset, file.size());
    EXPECT_FALSE(capture.error().what.empty());
    return;
  }
  expect_round_trip(*capture);
  expect_story(*capture, connection);
}

const Registration registration({"capture", run});

}  // namespace
}  // namespace duplex::fuzz

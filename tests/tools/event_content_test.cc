// What fills the events of the feed.
#include "../../tools/duplex/event_content.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace duplex::tools {
namespace {

TEST(EventContent, IsKnownByItsName) {
  EXPECT_EQ(content_of("letter"), ContentKind::letter);
  EXPECT_EQ(content_of("json"), ContentKind::json);
  EXPECT_EQ(content_of("random"), ContentKind::random);
  EXPECT_EQ(content_of("smoke"), std::nullopt);
}

TEST(EventContent, FillsAnEventOfAnySize) {
  for (const auto kind : {ContentKind::letter, ContentKind::json, ContentKind::random}) {
    for (const std::size_t size : {0U, 1U, 64U, 100'000U}) {
      const EventContent content(kind, size, 1);
      for (std::uint64_t id = 1; id <= 130; ++id) ASSERT_GE(content.text(id).size(), size) << id;
    }
  }
}

TEST(EventContent, DependsOnItsSeedAlone) {
  for (const auto kind : {ContentKind::json, ContentKind::random}) {
    EXPECT_EQ(EventContent(kind, 500, 1).text(7), EventContent(kind, 500, 1).text(7));
    EXPECT_NE(EventContent(kind, 500, 1).text(7), EventContent(kind, 500, 2).text(7));
    EXPECT_NE(EventContent(kind, 500, 1).text(7), EventContent(kind, 500, 1).text(8));
  }
  EXPECT_EQ(EventContent(ContentKind::letter, 3, 1).text(1), "xxx");
}

TEST(EventContent, IsRecordsOrPrintableCharacters) {
  const EventContent json(ContentKind::json, 500, 1);
  EXPECT_TRUE(json.text(1).starts_with("{\"station\":\"pier-")) << json.text(1);
  EXPECT_TRUE(json.text(2).starts_with("{\"station\":\"pier-")) << json.text(2);
  const EventContent random(ContentKind::random, 100'000, 1);
  const std::string_view text = random.text(0);
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; }));
  EXPECT_EQ(std::set<char>(text.begin(), text.end()).size(), 94U);
}

}  // namespace
}  // namespace duplex::tools

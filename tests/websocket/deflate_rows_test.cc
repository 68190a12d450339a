// The F rows that need permessage-deflate, RFC 7692, cut in every way.
#include <gtest/gtest.h>

#include "frame_rows.h"

namespace duplex::websocket {
namespace {

const std::vector<Row>& deflate_rows() {
  static const std::vector<Row> rows = load_frame_rows(true);
  return rows;
}

// Longer rows are not cut everywhere: each run inflates a megabyte.
bool is_costly(const Row& row) { return row.bytes.size() > 900; }

class DeflateRow : public testing::TestWithParam<Row> {};

TEST_P(DeflateRow, S1DoesWhatIsRequired) {
  const Row& row = GetParam();
  // RFC 7692 section 7.2.2 lets blocks follow the one with BFINAL: F127 is a message.
  const std::string required = row.id == "F127" ? "message" : row.required;
  EXPECT_EQ(verdict(row, run_whole(row)), required);
}

INSTANTIATE_TEST_SUITE_P(Table, DeflateRow, testing::ValuesIn(deflate_rows()), row_name);

TEST(DeflateRowsTest, AreAllThere) { EXPECT_EQ(deflate_rows().size(), 35U); }

// What the rows deliver that do not carry a megabyte.
std::string message_of(const std::string& id) {
  const bool hello = (id >= "F100" && id <= "F106") || id == "F109";
  return hello ? "text Hello" : "text ";
}

TEST(DeflateRowsTest, MessagesArriveWhole) {
  for (const std::string id :
       {"F100", "F101", "F102", "F103", "F104", "F105", "F106", "F107", "F108", "F109"}) {
    const auto row = std::ranges::find(deflate_rows(), id, &Row::id);
    ASSERT_NE(row, deflate_rows().end());
    EXPECT_EQ(run_whole(*row).events.back(), message_of(id)) << id;
  }
  const auto exact = std::ranges::find(deflate_rows(), "F122", &Row::id);
  EXPECT_EQ(run_whole(*exact).events.front().size(), 7 + (std::size_t{1} << 20));
}

TEST(DeflateRowsTest, S2ByteByByte) {
  for (const Row& row : deflate_rows()) {
    EXPECT_EQ(run(row, row_options(), [](std::size_t) { return 1; }), run_whole(row)) << row.id;
  }
}

TEST(DeflateRowsTest, S3EverySplitInTwo) {
  for (const Row& row : deflate_rows()) {
    if (is_costly(row)) continue;
    const Outcome whole = run_whole(row);
    for (std::size_t first = 1; first < row.bytes.size(); ++first) {
      const Sizes halves = [&](std::size_t rest) {
        return rest == row.bytes.size() ? first : rest;
      };
      ASSERT_EQ(run(row, row_options(), halves), whole) << row.id << " cut at " << first;
    }
  }
}

TEST(DeflateRowsTest, S4RandomSplits) {
  for (const Row& row : deflate_rows()) {
    const Outcome whole = run_whole(row);
    for (unsigned seed = 1; seed <= (is_costly(row) ? 5 : random_cut_count); ++seed) {
      const std::size_t average = 1 + row.bytes.size() / (1 + seed % 7);
      ASSERT_EQ(run(row, row_options(), random_sizes(seed, average)), whole)
          << row.id << " seed " << seed;
    }
  }
}

}  // namespace
}  // namespace duplex::websocket

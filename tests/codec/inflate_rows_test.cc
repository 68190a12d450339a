// The D rows of tests/data/deflate.json, cut in every way: the result must not depend on the cuts.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "../support/allocations.h"
#include "../support/guard_page.h"
#include "../support/rows.h"
#include "inflating.h"

namespace duplex::codec {
namespace {

constexpr std::size_t large = 300;  // bytes; longer rows are not split everywhere
constexpr std::size_t row_limit = std::size_t{1} << 20;

struct Row {
  std::string id;
  std::string bytes;
  Inflated required;
};

InflateError error_named(const std::string& name) {
  static const std::map<std::string, InflateError> errors = {
      {"", InflateError::none},
      {"truncated", InflateError::truncated},
      {"reserved_block_type", InflateError::reserved_block_type},
      {"stored_length_mismatch", InflateError::stored_length_mismatch},
      {"too_many_literal_codes", InflateError::too_many_literal_codes},
      {"too_many_distance_codes", InflateError::too_many_distance_codes},
      {"code_lengths_oversubscribed", InflateError::code_lengths_oversubscribed},
      {"code_lengths_incomplete", InflateError::code_lengths_incomplete},
      {"repeat_without_previous", InflateError::repeat_without_previous},
      {"repeat_too_long", InflateError::repeat_too_long},
      {"no_end_of_block", InflateError::no_end_of_block},
      {"literal_codes_oversubscribed", InflateError::literal_codes_oversubscribed},
      {"literal_codes_incomplete", InflateError::literal_codes_incomplete},
      {"distance_codes_oversubscribed", InflateError::distance_codes_oversubscribed},
      {"distance_codes_incomplete", InflateError::distance_codes_incomplete},
      {"invalid_literal_symbol", InflateError::invalid_literal_symbol},
      {"invalid_distance_symbol", InflateError::invalid_distance_symbol},
      {"distance_too_far_back", InflateError::distance_too_far_back},
      {"message_too_big", InflateError::message_too_big},
  };
  return errors.at(name);
}

std::vector<Row> load_deflate_rows() {
  std::vector<Row> rows;
  for (const support::Json& json : support::load_rows("deflate.json").array) {
    rows.push_back({json["id"].string,
                    support::bytes_of(json["bytes"]),
                    {support::bytes_of(json["output"]), error_named(json["error"].string)}});
  }
  return rows;
}

const std::vector<Row>& deflate_rows() {
  static const std::vector<Row> rows = load_deflate_rows();
  return rows;
}

constexpr Memory one_buffer = Memory::one_buffer;

Inflated inflate_row(const Row& row, const PartSizes& sizes, std::size_t output_size = 4096,
                     Memory memory = Memory::one_for_the_message) {
  Inflater inflater({.max_message_size = row_limit});
  return inflate_message(inflater, row.bytes, sizes, output_size, memory);
}

// What came out before an error is nobody's business, but must be the same whatever the cuts.
void check(const Row& row, const Inflated& inflated) {
  static std::map<std::string, std::string> first_outputs;
  EXPECT_EQ(inflated.error, row.required.error) << row.id;
  const bool valid = row.required.error == InflateError::none;
  const std::string& output =
      valid ? row.required.output : first_outputs.emplace(row.id, inflated.output).first->second;
  EXPECT_TRUE(inflated.output == output) << row.id << ": " << inflated.output.size() << " bytes";
}

TEST(InflateRowsTest, AreAllThere) { EXPECT_EQ(deflate_rows().size(), 41U); }

class InflateRow : public testing::TestWithParam<Row> {};

TEST_P(InflateRow, S1Whole) { check(GetParam(), inflate_row(GetParam(), all_at_once)); }

TEST_P(InflateRow, S2ByteByByte) { check(GetParam(), inflate_row(GetParam(), one_by_one)); }

INSTANTIATE_TEST_SUITE_P(Table, InflateRow, testing::ValuesIn(deflate_rows()),
                         [](const auto& row) { return row.param.id; });

TEST(InflateRowsTest, S8IntoOneByte) {
  for (const Row& row : deflate_rows()) {
    if (row.id == "D41") continue;  // a megabyte of output
    check(row, inflate_row(row, all_at_once, 1));
    check(row, inflate_row(row, all_at_once, 1, one_buffer));
    check(row, inflate_row(row, one_by_one, 1, one_buffer));
  }
}

TEST(InflateRowsTest, IntoBuffersOfEverySize) {
  for (const Row& row : deflate_rows()) {
    if (row.id == "D41") continue;
    for (std::size_t size = 2; size < 600; size += 23) {
      check(row, inflate_row(row, all_at_once, size, one_buffer));
    }
  }
}

TEST(InflateRowsTest, S3EverySplit) {
  std::minstd_rand random(1);
  for (const Row& row : deflate_rows()) {
    const bool everywhere = row.bytes.size() <= large;
    const std::size_t count = everywhere ? row.bytes.size() + 1 : 20;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t split = everywhere ? i : random() % row.bytes.size();
      check(row, inflate_row(row, split_at(split)));
      check(row, inflate_row(row, split_at(split), 777, one_buffer));
    }
  }
}

// The output exactly as large as it has to be, at the end of a page; likewise the input.
TEST(InflateRowsTest, S7NothingBeyondTheGuards) {
  for (const Row& row : deflate_rows()) {
    support::GuardPage input(row.bytes.size() + 1);
    support::GuardPage output(row.required.output.size() + 1);
    const Bytes bytes = input.place(row.bytes);
    const MutableBytes memory = output.place(std::string(row.required.output.size(), '\0'));
    Inflater inflater({.max_message_size = row_limit});
    const InflateProgress progress = inflater.inflate_behind(bytes, memory, 0);
    if (row.required.error != InflateError::none) continue;
    EXPECT_EQ(progress.status, InflateStatus::need_input) << row.id;
    EXPECT_EQ(progress.consumed, row.bytes.size()) << row.id;
    EXPECT_EQ(inflater.end_message(memory), InflateError::none) << row.id;
    EXPECT_TRUE(as_text(memory) == row.required.output) << row.id;
  }
}

// All of it in one call, and in the memory of one block.
TEST(InflateRowsTest, D40CodesOfManyBlocksShareTheirMemory) {
  const auto row = std::ranges::find(deflate_rows(), "D40", &Row::id);
  Inflater inflater;
  const std::size_t before = support::allocation_count();
  const InflateProgress progress = inflater.inflate_behind(as_bytes(row->bytes), {}, 0);
  EXPECT_EQ(support::allocation_count(), before + 1);
  EXPECT_EQ(progress.consumed, row->bytes.size());
  EXPECT_EQ(inflater.end_message(), InflateError::none);
}

// A cut message is never taken for a whole one. (What the last byte of these holds may be padding.)
TEST(InflateRowsTest, CutAnywhere) {
  for (const Row& row : deflate_rows()) {
    if (row.id != "D39" && row.id != "D10" && row.id != "D22") continue;
    for (std::size_t size = 1; size < row.bytes.size() - 1; ++size) {
      Inflater inflater;
      EXPECT_EQ(inflate_message(inflater, row.bytes.substr(0, size)).error, InflateError::truncated)
          << row.id << " cut at " << size;
    }
  }
}

}  // namespace
}  // namespace duplex::codec

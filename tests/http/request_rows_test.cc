// The hostile request table: every row whole, byte by byte and cut in two at every place must give
// the same events and the answer that the row asks for.
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "../support/rows.h"
#include "transcript.h"

namespace duplex::http {
namespace {

// Where a row leaves a choice, this is ours. "wait": the parser is content and wants more.
struct Expectation {
  const char* outcome;
  const char* ids;
};

constexpr Expectation expectations[] = {
    {"200",
     "H01 H02 H29 H31 H32 H41 H44 H48 H58 H71 H72 H73 H74 H75 H81 H82 H86 H87 H96 H97 H110 H111 "
     "H134 H150 H151 H160 H161 H166"},
    {"200 200", "H107 H163 H165"},
    {"200 400", "H164 H167"},
    {"400",
     "H03 H04 H05 H06 H07 H08 H09 H10 H11 H12 H13 H14 H15 H19 H20 H21 H24 H26 H30 H33 H34 H35 H36 "
     "H37 H38 H39 H40 H42 H43 H47 H49 H50 H51 H52 H53 H54 H55 H56 H57 H59 H60 H61 H62 H63 H64 H65 "
     "H66 H67 H68 H69 H70 H76 H77 H78 H79 H80 H88 H89 H90 H91 H92 H93 H94 H95 H98 H99 H100 H101 "
     "H102 H103 H105 H108 H109 H112 H113 H114 H115 H116 H117 H118 H120 H121 H122 H123 H124 H125 "
     "H126 H127 H128 H129 H130 H131 H132 H133 H135 H136 H137 H138 H139 H140 H141 H143 H145 H146 "
     "H147 H148 H149 H152 H153 H154 H155 H156 H157 H158 H159 H171"},
    {"413", "H104 H106 H142 H144 H169"},
    {"414", "H45 H46"},
    {"417", "H170"},
    {"431", "H83 H84 H85 H162"},
    {"501", "H22 H23 H25 H27 H28 H119"},
    {"505", "H16 H17 H18"},
    {"wait", "H168 H172 H173"},
    // Openings are requests like others here, with whatever follows them.
    {"400", "W28 W29"},
    {"431", "W65"},
};

std::map<std::string, std::string> expected_outcomes() {
  std::map<std::string, std::string> outcomes;
  for (const auto& [outcome, ids] : expectations) {
    std::istringstream words(ids);
    for (std::string id; words >> id;) outcomes[id] = outcome;
  }
  return outcomes;
}

// Bytes behind the request of an opening belong to another protocol: they are not for this parser.
std::string head_and_body_only(const std::string& id, std::string bytes) {
  if (id == "W61" || id == "W64") bytes.resize(bytes.find("\r\n\r\n") + 4);
  return bytes;
}

struct Row {
  std::string id;
  std::string bytes;
};

std::vector<Row> load() {
  std::vector<Row> rows;
  for (const auto& json : support::load_rows("http_requests.json").array) {
    const std::string& id = json["id"].string;
    rows.push_back({id, head_and_body_only(id, support::bytes_of(json["bytes"]))});
  }
  return rows;
}

constexpr std::size_t whole_sweep = std::size_t{64} << 10;

void expect_same_at_every_cut(const Row& row, const Transcript& whole) {
  const std::size_t size = row.bytes.size();
  if (size > whole_sweep) {
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
      const auto cut = parse<RequestParser>(row.bytes, random_cuts(size, 1 + seed % 9, seed));
      ASSERT_EQ(cut.text, whole.text) << "seed " << seed;
    }
    return;
  }
  for (std::size_t at = 0; at <= size; ++at) {
    ASSERT_EQ(parse<RequestParser>(row.bytes, {at}).text, whole.text) << "cut at " << at;
  }
}

// The fault is found with its first byte: one byte less is still fine, however it comes.
void expect_fault_at_its_byte(const Row& row, std::size_t position) {
  const std::string_view bytes = row.bytes;
  EXPECT_EQ(parse<RequestParser>(bytes.substr(0, position - 1)).error_position, 0U);
  EXPECT_EQ(parse<RequestParser>(bytes.substr(0, position)).error_position, position);
}

class RequestRows : public testing::TestWithParam<Row> {};

TEST_P(RequestRows, GiveTheSameAnswerHoweverTheyAreCut) {
  static const auto outcomes = expected_outcomes();
  const Row& row = GetParam();
  const Transcript whole = parse<RequestParser>(row.bytes);
  const auto expected = outcomes.find(row.id);
  EXPECT_EQ(whole.outcome, expected == outcomes.end() ? "200" : expected->second);
  EXPECT_TRUE(expected != outcomes.end() || row.id.starts_with("W"));
  const Transcript slow = parse<RequestParser>(row.bytes, every_byte(row.bytes.size()));
  EXPECT_EQ(slow.text, whole.text);
  if (slow.error_position != 0) expect_fault_at_its_byte(row, slow.error_position);
  expect_same_at_every_cut(row, whole);
}

INSTANTIATE_TEST_SUITE_P(Table, RequestRows, testing::ValuesIn(load()),
                         [](const auto& row) { return row.param.id; });

// A few bytes of a row changed, removed, doubled or taken from elsewhere in it.
std::string mutate(std::string bytes, std::mt19937& random) {
  constexpr std::string_view spice("\r\n \t:;,%0\x00\x7F\xFF", 12);
  for (auto count = 1 + random() % 3; count > 0; --count) {
    const std::size_t at = random() % bytes.size();
    const std::size_t size = 1 + random() % 8;
    switch (random() % 4) {
      case 0:
        bytes[at] = spice[random() % spice.size()];
        break;
      case 1:
        bytes.insert(at, 1, spice[random() % spice.size()]);
        break;
      case 2:
        bytes.insert(at, bytes.substr(random() % bytes.size(), size));
        break;
      default:
        if (bytes.size() > size) bytes.erase(at, size);
        break;
    }
  }
  return bytes;
}

TEST(RequestRows, StayTheSameAtEveryCutWhenMutated) {
  constexpr std::size_t small = 2048;
  for (const Row& row : load()) {
    if (row.bytes.size() > small) continue;
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
      std::mt19937 random(seed);
      const std::string bytes = mutate(row.bytes, random);
      const std::string whole = parse<RequestParser>(bytes).text;
      const Cuts cuts = random_cuts(bytes.size(), 1 + seed % 5, seed);
      ASSERT_EQ(parse<RequestParser>(bytes, every_byte(bytes.size())).text, whole)
          << row.id << " seed " << seed;
      ASSERT_EQ(parse<RequestParser>(bytes, cuts).text, whole) << row.id << " seed " << seed;
    }
  }
}

TEST(RequestRows, AreAllThere) {
  const auto rows = load();
  const auto is_plain = [](const Row& row) { return row.id.starts_with('H'); };
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(), is_plain), 173);
}

}  // namespace
}  // namespace duplex::http

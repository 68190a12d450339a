// The hostile request table: every row whole, byte by byte and cut in two at every place must give
// the same events and the answer that the row asks for.
#include "../support/request_rows.h"

#include <gtest/gtest.h>

#include "../support/rows.h"
#include "transcript.h"

namespace duplex::http {
namespace {

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
  static const auto outcomes = support::expected_outcomes();
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

struct Seen {
  const char* id;
  const char* what;  // in the words of transcript.h
};

// Accepted is not enough: these rows are about what is understood.
constexpr Seen understood[] = {
    {"H02", "GET target=/ "},
    {"H32", "target=http://a/x path=/x "},
    {"H41", "path=/a%0d%0aX:%20y query= minor=1 keep=1 body=0 continue=0[Host|a]\n"},
    {"H44", "path=/a/../../b "},
    {"H48", "minor=0 keep=0 "},
    {"H58", "[Host|[::1]:80]"},
    {"H71", "[X|a\xe9\xff\x62]"},
    {"H72", "[X|a\tb]"},
    {"H73", "[X|]"},
    {"H74", "[X|y]"},
    {"H75", "[X|\x85y\xa0]"},
    {"H81", "body=0 continue=0[Host|a][Content_Length|5][Content-Length|0]\nBODY \nEND"},
    {"H82", "[__proto__|x][constructor|y]"},
    {"H86", "[Host|a][X|a%0d%0aY: z]\n"},
    {"H87", "BODY hello\nEND"},
    {"H96", "BODY hello\nEND"},
    {"H97", "BODY 0123456789\nEND"},
    {"H107", "BODY hello\nEND GET"},
    {"H110", "BODY hello\nEND"},
    {"H111", "BODY hello\nEND"},
    {"H134", "BODY 0123456789\nEND"},
    {"H150", "BODY hello\nEND"},
    {"H151", "BODY hello\nEND"},
    {"H160",
     "BODY hello\nEND POST target=/ path=/ query= minor=1 keep=1 body=1 continue=0"
     "[Host|a][Transfer-Encoding|chunked]\n"},
    {"H161",
     "BODY hello\nEND POST target=/ path=/ query= minor=1 keep=1 body=1 continue=0"
     "[Host|a][Transfer-Encoding|chunked]\n"},
    {"H163", "BODY hello\nEND POST"},
    {"H168", "body=1 continue=1"},
};

TEST(RequestRows, AreUnderstood) {
  const auto rows = load();
  for (const Seen& seen : understood) {
    const auto is_it = [&](const Row& row) { return row.id == seen.id; };
    const auto row = std::find_if(rows.begin(), rows.end(), is_it);
    ASSERT_NE(row, rows.end()) << seen.id;
    const std::string text = parse<RequestParser>(row->bytes).text;
    EXPECT_NE(text.find(seen.what), std::string::npos) << seen.id << ":\n" << text;
  }
}

TEST(RequestRows, H02OnlyOneEmptyLineIsPassedOver) {
  EXPECT_EQ(parse<RequestParser>("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").outcome, "400");
}

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

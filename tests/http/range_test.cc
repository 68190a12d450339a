// Range requests: RFC 9110 section 14.
#include "duplex/http/range.h"

#include <gtest/gtest.h>

namespace duplex::http {
namespace {

using Kind = ByteRange::Kind;

struct PartCase {
  const char* value;
  std::uint64_t first;
  std::uint64_t last;
};

TEST(Range, AsksForAPart) {
  constexpr PartCase cases[] = {
      {"bytes=0-0", 0, 0},
      {"bytes=0-99", 0, 99},
      {"bytes=10-19", 10, 19},
      {"bytes=90-200", 90, 99},
      {"bytes=99-", 99, 99},
      {"bytes=0-", 0, 99},
      {"bytes=-1", 99, 99},
      {"bytes=-100", 0, 99},
      {"bytes=-500", 0, 99},
      {"BYTES= 5-6 ", 5, 6},
      {"bytes=1-99999999999999999999999", 1, 99},
  };
  for (const auto& [value, first, last] : cases) {
    const ByteRange range = parse_range(value, 100);
    EXPECT_EQ(range.kind, Kind::part) << value;
    EXPECT_EQ(range.first, first) << value;
    EXPECT_EQ(range.last, last) << value;
    EXPECT_EQ(range.size(), last - first + 1) << value;
  }
}

TEST(Range, MayLieOutside) {
  for (const char* value :
       {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999-"}) {
    EXPECT_EQ(parse_range(value, 100).kind, Kind::unsatisfiable) << value;
  }
  EXPECT_EQ(parse_range("bytes=0-", 0).kind, Kind::unsatisfiable);
  EXPECT_EQ(parse_range("bytes=-5", 0).kind, Kind::unsatisfiable);
}

TEST(Range, IsIgnoredOtherwise) {
  for (const char* value : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=5-4",
                            "bytes=1-x", "bytes=x-1", "bytes=-x", "bytes=1--2", "bytes=0-1,3-4",
                            "items=0-1", "bytes 0-1", "bytes=+1-2"}) {
    EXPECT_EQ(parse_range(value, 100).kind, Kind::whole) << value;
  }
}

TEST(Range, IsToldInTheAnswer) {
  EXPECT_EQ(content_range(parse_range("bytes=-10", 100), 100), "bytes 90-99/100");
  EXPECT_EQ(unsatisfied_content_range(100), "bytes */100");
}

}  // namespace
}  // namespace duplex::http

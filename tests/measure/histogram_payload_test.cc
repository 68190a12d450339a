// Histograms as HdrHistogram's log lines carry them.
#include "measure/histogram_payload.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "codec/zlib.h"
#include "duplex/codec/base64.h"
#include "measure/interval_log.h"
#include "measure/random.h"

namespace duplex::measure {
namespace {

constexpr HistogramLimits hour_in_us = {.lowest = 1, .highest = 3'600'000'000, .digits = 2};

// The C library's encoding of {1, 1000, 2000 three times, 1000000}.
constexpr std::string_view golden =
    "HISTFAAAACp4nJNpmSzMwMDAzQABTFCaEURcm7yEwf4DVIDpPTvTX0a2j4JMAJY1B5Q=";

Histogram golden_histogram() {
  Histogram histogram(hour_in_us);
  histogram.record(1);
  histogram.record(1000);
  histogram.record(2000, 3);
  histogram.record(1'000'000);
  return histogram;
}

void expect_equal(const Histogram& a, const Histogram& b) {
  EXPECT_EQ(a.limits(), b.limits());
  ASSERT_EQ(a.counts_size(), b.counts_size());
  for (std::size_t i = 0; i < a.counts_size(); ++i) {
    ASSERT_EQ(a.count_at_index(i), b.count_at_index(i)) << i;
  }
  EXPECT_EQ(a.total(), b.total());
  EXPECT_EQ(a.min(), b.min());
  EXPECT_EQ(a.max(), b.max());
}

std::vector<std::byte> plain_of(std::string_view encoded) {
  const auto bytes = codec::base64_decode(encoded);
  return codec::zlib_decompress(Bytes(*bytes).subspan(8), 1 << 20).value();
}

std::string encoded_of(const std::vector<std::byte>& plain) {
  const auto compressed = codec::zlib_compress(plain);
  std::vector<std::byte> bytes = {std::byte{0x1c}, std::byte{0x84}, std::byte{0x93},
                                  std::byte{0x14}, std::byte{0},    std::byte{0}};
  bytes.push_back(static_cast<std::byte>(compressed.size() >> 8));
  bytes.push_back(static_cast<std::byte>(compressed.size() & 0xFF));
  bytes.insert(bytes.end(), compressed.begin(), compressed.end());
  return codec::base64_encode(bytes);
}

TEST(HistogramPayload, ReadsWhatTheReferenceWrote) {
  const auto decoded = decode_histogram(golden);
  ASSERT_TRUE(decoded);
  expect_equal(*decoded, golden_histogram());
  EXPECT_EQ(decoded->max(), 1'003'519);
}

TEST(HistogramPayload, WritesTheSamePayload) {
  const std::string encoded = encode_histogram(golden_histogram());
  EXPECT_TRUE(encoded.starts_with("HISTF"));
  EXPECT_EQ(plain_of(encoded), plain_of(golden));
}

TEST(HistogramPayload, ReadsWhatItWrote) {
  Random random(5);
  for (const int digits : {1, 3, 5}) {
    Histogram histogram({.digits = digits});
    expect_equal(*decode_histogram(encode_histogram(histogram)), histogram);
    for (int i = 0; i < 2000; ++i) histogram.record(static_cast<std::int64_t>(random() >> 30));
    histogram.record(0, 1'000'000'007);
    histogram.record(7, std::int64_t{1} << 61);
    expect_equal(*decode_histogram(encode_histogram(histogram)), histogram);
  }
}

TEST(HistogramPayload, RefusesDamage) {
  EXPECT_FALSE(decode_histogram(""));
  EXPECT_FALSE(decode_histogram("!"));
  EXPECT_FALSE(decode_histogram(golden.substr(4)));
  auto bytes = *codec::base64_decode(golden);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_histogram(codec::base64_encode(Bytes(bytes).first(size)))) << size;
  }
  bytes[12] ^= std::byte{4};
  EXPECT_FALSE(decode_histogram(codec::base64_encode(bytes)));
}

// Cookie, size, shift, digits, lowest, highest, scale.
TEST(HistogramPayload, RefusesHeadsThatItDoesNotKnow) {
  ASSERT_TRUE(decode_histogram(encoded_of(plain_of(golden))));
  for (const std::size_t at : {3U, 7U, 11U, 14U, 15U, 16U, 24U, 39U}) {
    auto plain = plain_of(golden);
    plain[at] ^= std::byte{0x80};
    EXPECT_FALSE(decode_histogram(encoded_of(plain))) << at;
  }
  auto plain = plain_of(golden);
  plain.resize(39);
  EXPECT_FALSE(decode_histogram(encoded_of(plain)));
}

// The golden head with other counters.
std::string with_counters(const std::vector<int>& counters) {
  auto plain = plain_of(golden);
  plain.resize(40);
  for (const int byte : counters) plain.push_back(static_cast<std::byte>(byte));
  plain[7] = static_cast<std::byte>(counters.size());
  return encoded_of(plain);
}

TEST(HistogramPayload, RefusesCountersThatItCannotHold) {
  EXPECT_EQ(decode_histogram(with_counters({0, 2}))->count_at(1), 1);
  EXPECT_EQ(decode_histogram(with_counters({}))->total(), 0);
  EXPECT_FALSE(decode_histogram(with_counters({0x80})));  // ends within a number
  // The largest count twice; nine bytes each.
  const std::vector<int> most = {0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  EXPECT_EQ(decode_histogram(with_counters(most))->total(),
            std::numeric_limits<std::int64_t>::max());
  std::vector<int> twice = most;
  twice.insert(twice.end(), most.begin(), most.end());
  EXPECT_FALSE(decode_histogram(with_counters(twice)));
  // Runs of zeros: up to the last counter, one too far, and the longest of all.
  const auto run = [](int zeros) {
    const int coded = 2 * zeros - 1;
    return std::vector<int>{(coded & 0x7F) | 0x80, coded >> 7};
  };
  const int size = static_cast<int>(Histogram(hour_in_us).counts_size());
  EXPECT_EQ(decode_histogram(with_counters(run(size)))->total(), 0);
  EXPECT_FALSE(decode_histogram(with_counters(run(size + 1))));
  auto beyond = run(size);
  beyond.push_back(2);
  EXPECT_FALSE(decode_histogram(with_counters(beyond)));
  EXPECT_FALSE(
      decode_histogram(with_counters({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})));
}

TEST(IntervalLog, WritesTagsAndIntervals) {
  EXPECT_EQ(interval_log(Seconds(1'704'067'200.25), "2024-01-01T00:00:00Z",
                         {{.tag = "ws",
                           .start = Seconds(0.5),
                           .length = Seconds(1),
                           .max = Seconds(0.0215),
                           .histogram = "HISTF"}}),
            "#[Histogram log format version 1.2]\n"
            "#[StartTime: 1704067200.250 (seconds since epoch), 2024-01-01T00:00:00Z]\n"
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
            "\"Interval_Compressed_Histogram\"\n"
            "Tag=ws,0.500,1.000,21.500,HISTF\n");
}

}  // namespace
}  // namespace duplex::measure

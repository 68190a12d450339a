// DEFLATE beside zlib: messages without context takeover, both in turn, the best round of each, by
// the time that the thread had a processor. Beside inflating stands a copy of the message, which
// nothing that writes it can beat. Noise is stored, so that inflating it is a copy and little else:
// of a large message, which no cache near the processor holds, both are as fast as that, and
// neither can leave the other behind.
//
// Judged are the size of each output, and, unless --quick, the speed for each kind of messages: the
// geometric mean over their sizes.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "../support/corpus.h"
#include "duplex/codec/deflate.h"
#include "duplex/codec/inflate.h"
#include "heading.h"
#include "thread_time.h"

namespace duplex::bench {
namespace {

using Messages = std::vector<std::string>;

constexpr double allowed_size = 1.02;  // of zlib's output
constexpr double inflate_speed = 1.3;  // times zlib's, at least
constexpr double deflate_speed = 1.0;
constexpr std::string_view tail("\0\0\xff\xff", 4);

[[noreturn]] void give_up(const char* why) {
  std::fprintf(stderr, "%s\n", why);
  std::exit(EXIT_FAILURE);
}

Bytef* zlib_bytes(const std::byte* bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes));
}

// Both compressors write to the same memory, and both decompressors too.
class Zlib {
 public:
  explicit Zlib(int level) {
    if (deflateInit2(&deflate_, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        inflateInit2(&inflate_, -MAX_WBITS) != Z_OK) {
      give_up("zlib does not start");
    }
  }
  ~Zlib() {
    deflateEnd(&deflate_);
    inflateEnd(&inflate_);
  }
  Zlib(const Zlib&) = delete;
  Zlib& operator=(const Zlib&) = delete;

  std::size_t compress(std::string_view message, MutableBytes output) {
    deflateReset(&deflate_);
    give(deflate_, message, output);
    ::deflate(&deflate_, Z_SYNC_FLUSH);
    return deflate_.total_out;
  }

  std::size_t decompress(std::string_view payload, MutableBytes output) {
    inflateReset(&inflate_);
    give(inflate_, payload, output);
    ::inflate(&inflate_, Z_SYNC_FLUSH);
    inflate_.next_in = zlib_bytes(as_bytes(tail).data());
    inflate_.avail_in = static_cast<uInt>(tail.size());
    ::inflate(&inflate_, Z_SYNC_FLUSH);
    return inflate_.total_out;
  }

 private:
  static void give(z_stream& stream, std::string_view input, MutableBytes output) {
    stream.next_in = zlib_bytes(as_bytes(input).data());
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = zlib_bytes(output.data());
    stream.avail_out = static_cast<uInt>(output.size());
  }

  z_stream deflate_ = {};
  z_stream inflate_ = {};
};

class Ours {
 public:
  explicit Ours(int level) : deflater_({.level = static_cast<unsigned>(level)}) {}

  std::size_t compress(std::string_view message, MutableBytes output) {
    deflater_.reset();
    return deflater_.deflate(as_bytes(message), output, codec::Flush::sync).produced;
  }

  std::size_t decompress(std::string_view payload, MutableBytes output) {
    const std::size_t size = inflater_.inflate_behind(as_bytes(payload), output, 0).produced;
    if (inflater_.end_message() != codec::InflateError::none) give_up("not inflated");
    return size;
  }

 private:
  codec::Deflater deflater_;
  codec::Inflater inflater_{{.context_takeover = false}};
};

struct Measured {
  double best = std::numeric_limits<double>::max();  // seconds for all messages
  std::size_t output_size = 0;                       // of all messages

  // `work` does the message of a number, and returns the size of what it made.
  template <class Work>
  void add(std::size_t message_count, Work&& work) {
    const double start = thread_seconds();
    output_size = 0;
    for (std::size_t i = 0; i < message_count; ++i) output_size += work(i);
    best = std::min(best, thread_seconds() - start);
  }

  double megabytes_per_second(std::size_t size) const {
    return static_cast<double>(size) / best / 1e6;
  }
};

// One cell of the table: messages of one kind and one size.
class Cell {
 public:
  Cell(const char* kind, Messages messages, unsigned rounds)
      : kind_(kind), messages_(std::move(messages)), rounds_(rounds) {
    message_size_ = messages_.front().size();
    size_ = message_size_ * messages_.size();
    output_.resize(2 * message_size_ + 1024);
  }

  struct Deflated {
    double speed;  // times zlib's
    bool small_enough;
  };
  Deflated measure_deflate(int level) {
    Zlib zlib(level);
    Ours ours(level);
    const auto [theirs, own] =
        measure([&](std::size_t i) { return zlib.compress(messages_[i], output_); },
                [&](std::size_t i) { return ours.compress(messages_[i], output_); });
    const double size_ratio =
        static_cast<double>(own.output_size) / static_cast<double>(theirs.output_size);
    print(("deflate " + std::to_string(level)).c_str(), theirs, own);
    std::printf("  size %6.2f %%\n", 100 * size_ratio);
    return {theirs.best / own.best, size_ratio <= allowed_size};
  }

  // How many times as fast as zlib.
  double measure_inflate() {
    Zlib zlib(6);
    Ours ours(6);
    Messages payloads;
    for (const std::string& message : messages_) {
      const std::size_t size = zlib.compress(message, output_);
      payloads.emplace_back(as_text(Bytes(output_).first(size - tail.size())));
      if (ours.decompress(payloads.back(), output_) != message.size() ||
          std::memcmp(output_.data(), message.data(), message.size()) != 0) {
        give_up("what was inflated differs");
      }
    }
    const auto [theirs, own] =
        measure([&](std::size_t i) { return zlib.decompress(payloads[i], output_); },
                [&](std::size_t i) { return ours.decompress(payloads[i], output_); });
    // By itself: between the others it would take the payloads out of the caches.
    const auto [copied] = measure([&](std::size_t i) { return copy(messages_[i]); });
    print("inflate", theirs, own);
    std::printf("  copy %8.1f MB/s\n", copied.megabytes_per_second(size_));
    return theirs.best / own.best;
  }

 private:
  template <class... Works>
  std::array<Measured, sizeof...(Works)> measure(Works&&... works) {
    std::array<Measured, sizeof...(Works)> measured;
    for (unsigned round = 0; round < rounds_; ++round) {
      std::size_t next = 0;
      (measured[next++].add(messages_.size(), works), ...);
    }
    return measured;
  }

  std::size_t copy(const std::string& message) {
    std::memcpy(output_.data(), message.data(), message.size());
    return message.size();
  }

  void print(const char* what, const Measured& theirs, const Measured& own) const {
    std::printf("%-9s  %-5s  %7zu B  zlib %8.1f MB/s  duplex %8.1f MB/s  %5.2fx", what, kind_,
                message_size_, theirs.megabytes_per_second(size_), own.megabytes_per_second(size_),
                theirs.best / own.best);
  }

  const char* kind_;
  Messages messages_;
  unsigned rounds_;
  std::size_t message_size_ = 0;
  std::size_t size_ = 0;
  std::vector<std::byte> output_;
};

struct Shape {
  std::size_t message_size;
  std::size_t message_count;
  unsigned rounds;
};
// So many messages that no branch predictor knows them by heart.
constexpr Shape shapes[] = {
    {256, 512, 60}, {1024, 128, 60}, {16384, 16, 40}, {std::size_t{1} << 20, 2, 12}};

Messages make_messages(std::string_view kind, const Shape& shape) {
  support::Corpus corpus(1);
  Messages messages;
  for (std::size_t i = 0; i < shape.message_count; ++i) {
    messages.push_back(kind == "json"   ? corpus.json(shape.message_size)
                       : kind == "text" ? corpus.text(shape.message_size)
                                        : corpus.noise(shape.message_size));
  }
  return messages;
}

constexpr std::array levels = {1, 6};

// Speeds beside zlib's of one kind of messages, of all sizes.
class Speeds {
 public:
  void add(double speed) {
    log_sum_ += std::log(speed);
    ++count_;
  }
  // Says what is demanded, and whether it was seen.
  bool judge(const std::string& what, const char* kind, double demanded) const {
    const double mean = std::exp(log_sum_ / count_);
    const bool met = mean >= demanded;
    std::printf("%-9s  %-5s  %.2fx zlib in the mean, demanded %.2fx: %s\n", what.c_str(), kind,
                mean, demanded, met ? "ok" : "MISSED");
    return met;
  }

 private:
  double log_sum_ = 0;
  int count_ = 0;
};

bool run_kind(const char* kind, bool quick) {
  bool good = true;
  Speeds inflating;
  std::array<Speeds, levels.size()> deflating;
  for (const Shape& shape : shapes) {
    Cell cell(kind, make_messages(kind, shape), quick ? 2 : shape.rounds);
    inflating.add(cell.measure_inflate());
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const auto [speed, small_enough] = cell.measure_deflate(levels[i]);
      deflating[i].add(speed);
      if (!small_enough) std::printf("that output is more than 2 %% larger than zlib's\n");
      good &= small_enough;
    }
  }
  if (quick) return good;
  good &= inflating.judge("inflate", kind, inflate_speed);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    good &= deflating[i].judge("deflate " + std::to_string(levels[i]), kind, deflate_speed);
  }
  return good;
}

}  // namespace
}  // namespace duplex::bench

int main(int argc, char** argv) {
  using namespace duplex::bench;
  print_heading("DEFLATE beside zlib " ZLIB_VERSION ", without context takeover");
  bool good = true;
  for (const char* kind : {"json", "text", "noise"}) good &= run_kind(kind, is_quick(argc, argv));
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

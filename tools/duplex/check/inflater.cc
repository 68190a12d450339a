// Reading RFC 1951, a bit at a time.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "compression.h"

namespace duplex::tools::suite {
namespace {

constexpr std::size_t largest_window = 32768;

// RFC 1951 section 3.2.5.
constexpr std::array<unsigned, 29> length_base = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                  15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                  67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<unsigned, 29> length_bits = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                  2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr std::array<unsigned, 30> distance_base = {
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
constexpr std::array<unsigned, 30> distance_bits = {0, 0, 0,  0,  1,  1,  2,  2,  3,  3,
                                                    4, 4, 5,  5,  6,  6,  7,  7,  8,  8,
                                                    9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

struct Invalid {};

class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  unsigned bit() {
    if (at_ == bytes_.size() * 8) throw Invalid();
    const auto byte = static_cast<unsigned char>(bytes_[at_ / 8]);
    return byte >> (at_++ % 8) & 1U;
  }
  unsigned bits(unsigned count) {
    unsigned value = 0;
    for (unsigned i = 0; i < count; ++i) value |= bit() << i;
    return value;
  }
  void align() { at_ = (at_ + 7) / 8 * 8; }
  bool at_end() const noexcept { return (at_ + 7) / 8 == bytes_.size(); }
  std::string_view take(std::size_t size) {
    if (bytes_.size() - at_ / 8 < size) throw Invalid();
    const std::string_view front = bytes_.substr(at_ / 8, size);
    at_ += 8 * size;
    return front;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;  // in bits
};

// A Huffman code, section 3.2.2: symbols in the order of their codes, and how many each length has.
class Code {
 public:
  explicit Code(const std::vector<unsigned>& lengths) {
    for (const unsigned length : lengths) ++counts_[length];
    counts_[0] = 0;
    for (unsigned length = 1; length <= 15; ++length) {
      for (unsigned symbol = 0; symbol < lengths.size(); ++symbol) {
        if (lengths[symbol] == length) symbols_.push_back(symbol);
      }
    }
    check();
  }

  unsigned read(BitReader& in) const {
    unsigned code = 0;
    unsigned first = 0;
    unsigned index = 0;
    for (std::size_t length = 1; length <= 15; ++length) {
      code |= in.bit();
      if (code - first < counts_[length]) return symbols_[index + code - first];
      index += counts_[length];
      first = (first + counts_[length]) << 1;
      code <<= 1;
    }
    throw Invalid();
  }

 private:
  // Neither more codes than there is room for, nor fewer, unless there is but one.
  void check() const {
    int left = 1;
    for (std::size_t length = 1; length <= 15; ++length) {
      left = 2 * left - static_cast<int>(counts_[length]);
      if (left < 0) throw Invalid();
    }
    if (left > 0 && symbols_.size() > 1) throw Invalid();
  }

  std::array<unsigned, 16> counts_ = {};
  std::vector<unsigned> symbols_;
};

struct Codes {
  Code literals;
  Code distances;
};

Codes fixed_codes() {
  std::vector<unsigned> lengths(144, 8);
  lengths.resize(256, 9);
  lengths.resize(280, 7);
  lengths.resize(288, 8);
  // Two of the distance codes mean nothing.
  return {Code(lengths), Code(std::vector<unsigned>(32, 5))};
}

// Section 3.2.7.
std::vector<unsigned> read_code_lengths(BitReader& in, const Code& code, std::size_t count) {
  std::vector<unsigned> lengths;
  while (lengths.size() < count) {
    const unsigned symbol = code.read(in);
    if (symbol < 16) {
      lengths.push_back(symbol);
      continue;
    }
    if (symbol == 16 && lengths.empty()) throw Invalid();
    const unsigned value = symbol == 16 ? lengths.back() : 0;
    const unsigned times = symbol == 16   ? 3 + in.bits(2)
                           : symbol == 17 ? 3 + in.bits(3)
                                          : 11 + in.bits(7);
    lengths.insert(lengths.end(), times, value);
  }
  if (lengths.size() != count) throw Invalid();
  return lengths;
}

Codes read_codes(BitReader& in) {
  constexpr std::array<std::size_t, 19> order = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                 11, 4,  12, 3, 13, 2, 14, 1, 15};
  const std::size_t literal_count = in.bits(5) + 257;
  const std::size_t distance_count = in.bits(5) + 1;
  const std::size_t order_count = in.bits(4) + 4;
  if (literal_count > 286 || distance_count > 30) throw Invalid();
  std::vector<unsigned> lengths(19, 0);
  for (std::size_t i = 0; i < order_count; ++i) lengths[order[i]] = in.bits(3);
  lengths = read_code_lengths(in, Code(lengths), literal_count + distance_count);
  if (lengths[256] == 0) throw Invalid();
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(literal_count);
  return {Code({lengths.begin(), middle}), Code({middle, lengths.end()})};
}

// One message behind what the window holds.
class Message {
 public:
  Message(std::string window, std::size_t window_size, std::size_t largest)
      : out_(std::move(window)),
        start_(out_.size()),
        window_size_(window_size),
        largest_(largest) {}

  void read(BitReader& in) {
    do {
      const bool last = in.bit() != 0;
      block(in, in.bits(2));
      // A block marked as last ends on a byte, RFC 7692 section 7.2.3.4.
      if (last) in.align();
    } while (!in.at_end());
  }
  std::string_view text() const { return std::string_view(out_).substr(start_); }
  std::string window() const {
    return out_.substr(out_.size() - std::min(out_.size(), largest_window));
  }

 private:
  void block(BitReader& in, unsigned type) {
    if (type == 3) throw Invalid();
    if (type == 0) return stored(in);
    compressed(in, type == 1 ? fixed_codes() : read_codes(in));
  }

  void stored(BitReader& in) {
    in.align();
    const unsigned size = in.bits(16);
    if (in.bits(16) != (size ^ 0xFFFFU)) throw Invalid();
    append(in.take(size));
  }

  void compressed(BitReader& in, const Codes& codes) {
    while (true) {
      const unsigned symbol = codes.literals.read(in);
      if (symbol == 256) return;
      if (symbol < 256) {
        out_ += static_cast<char>(symbol);
      } else {
        match(in, codes, symbol - 257);
      }
    }
  }

  void match(BitReader& in, const Codes& codes, std::size_t symbol) {
    if (symbol >= length_base.size()) throw Invalid();
    const std::size_t length = length_base[symbol] + in.bits(length_bits[symbol]);
    const std::size_t code = codes.distances.read(in);
    if (code >= distance_base.size()) throw Invalid();
    const std::size_t distance = distance_base[code] + in.bits(distance_bits[code]);
    if (distance > window_size_ || distance > out_.size()) throw Invalid();
    for (std::size_t i = 0; i < length; ++i) out_ += out_[out_.size() - distance];
    check_size();
  }

  void append(std::string_view bytes) {
    out_ += bytes;
    check_size();
  }
  void check_size() const {
    if (out_.size() - start_ > largest_) throw Invalid();
  }

  std::string out_;
  std::size_t start_;
  std::size_t window_size_;
  std::size_t largest_;
};

}  // namespace

std::optional<std::string> Inflater::message(std::string_view payload) {
  if (payload.empty()) return std::string();
  // RFC 7692 section 7.2.2: what the sender took off.
  const std::string whole = std::string(payload) + std::string("\0\0\xff\xff", 4);
  try {
    BitReader in(whole);
    Message message(std::move(window_), std::size_t{1} << direction_.window_bits, largest_message_);
    message.read(in);
    window_ = direction_.context_takeover ? message.window() : std::string();
    return std::string(message.text());
  } catch (const Invalid&) {
    return std::nullopt;
  }
}

}  // namespace duplex::tools::suite

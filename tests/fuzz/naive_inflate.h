// A second, naive reader of DEFLATE: RFC 1951, bit by bit, on a message that is all there.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/codec/inflate.h"

namespace duplex::fuzz {

// The codes of an alphabet, section 3.2.2: (length, code) stands for a symbol.
using Codes = std::map<std::pair<unsigned, unsigned>, unsigned>;

inline Codes make_codes(const std::vector<unsigned>& lengths) {
  Codes codes;
  unsigned code = 0;
  for (unsigned length = 1; length <= 15; ++length) {
    code <<= 1;
    for (unsigned symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] == length) codes[{length, code++}] = symbol;
    }
  }
  return codes;
}

// How much of the space of all codes is taken, in units of the longest code: 2^15 is all of it.
inline unsigned taken_space(const std::vector<unsigned>& lengths) {
  unsigned space = 0;
  for (const unsigned length : lengths) space += length == 0 ? 0 : 1U << (15 - length);
  return space;
}

class NaiveInflater {
 public:
  using Error = codec::InflateError;

  explicit NaiveInflater(const codec::InflateOptions& options) : options_(options) {}

  // The output so far when there is an error. After one, nothing more can be inflated.
  std::pair<std::string, Error> inflate_message(std::string_view payload) {
    bytes_ = payload;
    at_ = 0;
    if (!options_.context_takeover) out_.clear();
    before_ = out_.size();
    final_ = false;
    try {
      while (read_block()) {
      }
    } catch (Error error) {
      return {out_.substr(before_), error};
    }
    return {out_.substr(before_), Error::none};
  }

 private:
  static constexpr unsigned all_space = 1U << 15;

  std::size_t left() const { return 8 * bytes_.size() - at_; }
  unsigned bit() {
    if (left() == 0) throw Error::truncated;
    const unsigned byte = static_cast<unsigned char>(bytes_[at_ / 8]);
    return byte >> (at_++ % 8) & 1U;
  }
  unsigned number(unsigned count) {
    unsigned value = 0;
    for (unsigned i = 0; i < count; ++i) value |= bit() << i;
    return value;
  }
  // Bits that are no code can be told from those that are too few by `longest`.
  unsigned symbol(const Codes& codes, Error no_code) {
    const unsigned longest = codes.empty() ? 1 : codes.rbegin()->first.first;
    unsigned code = 0;
    for (unsigned length = 1; length <= longest; ++length) {
      code = code << 1 | bit();
      const auto found = codes.find({length, code});
      if (found != codes.end()) return found->second;
    }
    throw no_code;
  }

  // RFC 7692 section 7.2.2: behind the last byte come 00 00 FF FF. False at a good end.
  bool read_block() {
    if (left() == 0 && (final_ || bytes_.empty())) return false;
    const std::size_t rest = left();
    const bool is_final = bit() != 0;
    const unsigned type = number(2);
    if (type == 0 && rest < 11) return false;
    final_ = is_final;
    if (type == 3) throw Error::reserved_block_type;
    if (type == 0) {
      read_stored();
    } else {
      type == 1 ? use_fixed_codes() : read_codes();
      read_tokens();
    }
    if (final_) skip_to_byte();
    return true;
  }
  void skip_to_byte() { at_ = (at_ + 7) / 8 * 8; }

  // Section 3.2.4. LEN and NLEN are judged together.
  void read_stored() {
    skip_to_byte();
    const unsigned length = number(16);
    if (number(16) != (length ^ 0xffff)) throw Error::stored_length_mismatch;
    if (length > options_.max_message_size - size()) throw Error::message_too_big;
    for (unsigned i = 0; i < length; ++i) out_ += static_cast<char>(number(8));
  }

  // Section 3.2.6.
  void use_fixed_codes() {
    std::vector<unsigned> lengths(144, 8);
    lengths.resize(256, 9);
    lengths.resize(280, 7);
    lengths.resize(288, 8);
    literals_ = make_codes(lengths);
    distances_ = make_codes(std::vector<unsigned>(32, 5));
  }

  // Section 3.2.7.
  void read_codes() {
    const unsigned literal_count = number(5) + 257;
    const unsigned distance_count = number(5) + 1;
    const unsigned length_count = number(4) + 4;
    if (literal_count > 286) throw Error::too_many_literal_codes;
    if (distance_count > 30) throw Error::too_many_distance_codes;
    const Codes length_codes = read_length_codes(length_count);
    const std::vector<unsigned> lengths =
        read_lengths(length_codes, literal_count + distance_count);
    const auto middle = lengths.begin() + literal_count;
    use_codes({lengths.begin(), middle}, {middle, lengths.end()});
  }

  Codes read_length_codes(unsigned count) {
    constexpr unsigned order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    std::vector<unsigned> lengths(19);
    for (unsigned i = 0; i < count; ++i) lengths[order[i]] = number(3);
    const unsigned space = taken_space(lengths);
    if (space > all_space) throw Error::code_lengths_oversubscribed;
    if (space < all_space) throw Error::code_lengths_incomplete;
    return make_codes(lengths);
  }

  std::vector<unsigned> read_lengths(const Codes& codes, unsigned count) {
    std::vector<unsigned> lengths;
    while (lengths.size() < count) {
      const unsigned what = symbol(codes, Error::code_lengths_incomplete);
      unsigned times = 1;
      if (what == 16) times = 3 + number(2);
      if (what == 17) times = 3 + number(3);
      if (what == 18) times = 11 + number(7);
      if (what == 16 && lengths.empty()) throw Error::repeat_without_previous;
      if (times > count - lengths.size()) throw Error::repeat_too_long;
      lengths.insert(lengths.end(), times, what < 16 ? what : what == 16 ? lengths.back() : 0);
    }
    return lengths;
  }

  void use_codes(const std::vector<unsigned>& literals, const std::vector<unsigned>& distances) {
    if (literals[256] == 0) throw Error::no_end_of_block;
    if (taken_space(literals) > all_space) throw Error::literal_codes_oversubscribed;
    literals_ = make_codes(literals);
    if (!may_be_used(literals, literals_)) throw Error::literal_codes_incomplete;
    if (taken_space(distances) > all_space) throw Error::distance_codes_oversubscribed;
    distances_ = make_codes(distances);
    if (!may_be_used(distances, distances_)) throw Error::distance_codes_incomplete;
  }
  // Complete, a single code of one bit, or none (of distances: there is always a literal).
  static bool may_be_used(const std::vector<unsigned>& lengths, const Codes& codes) {
    const bool single = codes.size() == 1 && codes.begin()->first.first == 1;
    return taken_space(lengths) == all_space || single || codes.empty();
  }

  void read_tokens() {
    for (;;) {
      const unsigned what = symbol(literals_, Error::invalid_literal_symbol);
      if (what == 256) return;
      if (what > 285) throw Error::invalid_literal_symbol;
      if (what > 256) {
        read_match(what - 257);
      } else {
        check_size(1);
        out_ += static_cast<char>(what);
      }
    }
  }

  // Section 3.2.5. Each row but the first has twice as many rows of a size as the one before.
  void read_match(unsigned row) {
    unsigned length = 258;
    if (row < 28) length = 3 + base_of(row, 4) + number(row < 8 ? 0 : row / 4 - 1);
    const unsigned distance_row = symbol(distances_, Error::invalid_distance_symbol);
    if (distance_row > 29) throw Error::invalid_distance_symbol;
    const unsigned extra = distance_row < 4 ? 0 : distance_row / 2 - 1;
    const std::size_t distance = 1 + base_of(distance_row, 2) + number(extra);
    if (distance > std::size_t{1} << options_.window_bits) throw Error::distance_beyond_window;
    if (distance > out_.size()) throw Error::distance_too_far_back;
    check_size(length);
    for (unsigned i = 0; i < length; ++i) out_ += out_[out_.size() - distance];
  }
  // The sum of the sizes of the rows before: `per_size` rows of each size, the first size twice.
  static unsigned base_of(unsigned row, unsigned per_size) {
    unsigned base = 0;
    for (unsigned i = 0; i < row; ++i) base += i < 2 * per_size ? 1 : 1U << (i / per_size - 1);
    return base;
  }

  std::size_t size() const { return out_.size() - before_; }  // of this message
  void check_size(std::size_t more) const {
    if (size() + more > options_.max_message_size) throw Error::message_too_big;
  }

  codec::InflateOptions options_;
  std::string_view bytes_;
  std::size_t at_ = 0;  // bits
  bool final_ = false;
  Codes literals_;
  Codes distances_;
  std::string out_;  // with context takeover: of all messages
  std::size_t before_ = 0;
};

}  // namespace duplex::fuzz

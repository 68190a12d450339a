// Implements the description of codes by their lengths.
#include "codec/block_header.h"

#include <algorithm>

namespace duplex::codec {
namespace {

class Describer {
 public:
  explicit Describer(CodeLengths& lengths) noexcept : lengths_(lengths) {}

  void add_run(unsigned length, std::size_t count) noexcept {
    if (length == 0) {
      while (count >= 11)
        count -= add_repeat(repeat_zero_long, 11, std::min<std::size_t>(count, 138));
      if (count >= 3) count -= add_repeat(repeat_zero, 3, count);
    } else {
      add(length, 0);
      --count;
      while (count >= 3) count -= add_repeat(repeat_previous, 3, std::min<std::size_t>(count, 6));
    }
    for (; count > 0; --count) add(length, 0);
  }

  // The order in which HCLEN + 4 lengths are sent lets rare ones be left off.
  void finish() noexcept {
    make_code(frequencies_, max_code_length_length, lengths_.code);
    lengths_.code_length_count = code_length_symbols;
    while (lengths_.code_length_count > 4 &&
           lengths_.code[code_length_order[lengths_.code_length_count - 1]].length == 0) {
      --lengths_.code_length_count;
    }
    lengths_.bit_count = 5 + 5 + 4 + 3 * lengths_.code_length_count;
    for (unsigned symbol = 0; symbol < code_length_symbols; ++symbol) {
      lengths_.bit_count +=
          frequencies_[symbol] * (lengths_.code[symbol].length + extra_bits_of_repeat(symbol));
    }
  }

 private:
  std::size_t add_repeat(unsigned symbol, std::size_t least, std::size_t count) noexcept {
    add(symbol, count - least);
    return count;
  }

  void add(unsigned symbol, std::size_t extra) noexcept {
    lengths_.items[lengths_.item_count++] = {static_cast<std::uint8_t>(symbol),
                                             static_cast<std::uint8_t>(extra)};
    ++frequencies_[symbol];
  }

  CodeLengths& lengths_;
  std::array<std::uint32_t, code_length_symbols> frequencies_{};
};

// Without the codewords at the end that nobody uses.
unsigned used_count(std::span<const Codeword> code, unsigned least) noexcept {
  auto count = static_cast<unsigned>(code.size());
  while (count > least && code[count - 1].length == 0) --count;
  return count;
}

}  // namespace

void describe_codes(std::span<const Codeword> literals, std::span<const Codeword> distances,
                    CodeLengths& lengths) noexcept {
  lengths.literal_count = used_count(literals, first_length_symbol);
  lengths.distance_count = used_count(distances, 1);
  lengths.item_count = 0;
  const std::size_t count = lengths.literal_count + lengths.distance_count;
  const auto length_at = [&](std::size_t i) {
    return i < lengths.literal_count ? literals[i].length
                                     : distances[i - lengths.literal_count].length;
  };
  Describer describer(lengths);
  for (std::size_t start = 0, end = 0; start < count; start = end) {
    const unsigned length = length_at(start);
    while (end < count && length_at(end) == length) ++end;
    describer.add_run(length, end - start);
  }
  describer.finish();
}

}  // namespace duplex::codec

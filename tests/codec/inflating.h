// Inflates in every way that callers can: whole, in parts, through small buffers.
#pragma once

#include <algorithm>
#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/codec/inflate.h"

namespace duplex::codec {

struct Inflated {
  std::string output;
  InflateError error = InflateError::none;
  friend bool operator==(const Inflated&, const Inflated&) = default;
};

inline std::ostream& operator<<(std::ostream& out, const Inflated& inflated) {
  return out << inflated.output.size() << " bytes, " << to_string(inflated.error);
}

// How many of the bytes that are left come next.
using PartSizes = std::function<std::size_t(std::size_t)>;

inline std::size_t all_at_once(std::size_t rest) { return rest; }
inline std::size_t one_by_one(std::size_t) { return 1; }
inline PartSizes split_at(std::size_t split) {
  return [split, first = true](std::size_t rest) mutable {
    const bool is_first = std::exchange(first, false);
    return is_first && split > 0 ? std::min(split, rest) : rest;
  };
}

enum class Memory { one_for_the_message, one_buffer };

// Goes through one message. Every part of the input is memory of its own, so that the address
// sanitizer sees a read beyond it; so is the output, which grows by `output_size` when it is full.
class MessageReader {
 public:
  MessageReader(Inflater& inflater, std::size_t output_size, Memory memory)
      : inflater_(inflater),
        output_size_(output_size),
        whole_(memory == Memory::one_for_the_message),
        memory_(whole_ ? 0 : output_size) {}

  // False once it has failed.
  bool read(std::string_view part) {
    const std::vector<char> own(part.begin(), part.end());
    Bytes input = std::as_bytes(std::span(own));
    while (true) {
      const InflateProgress progress = step(input);
      input = input.subspan(progress.consumed);
      if (progress.status == InflateStatus::failed) return false;
      if (progress.status == InflateStatus::need_input) return input.empty();
      if (whole_) memory_.resize(memory_.size() + output_size_);
    }
  }

  Inflated end() {
    const InflateError error = inflater_.end_message(whole_ ? as_bytes(output_) : Bytes{});
    return {std::move(output_), error};
  }

 private:
  InflateProgress step(Bytes input) {
    const std::size_t filled = whole_ ? output_.size() : 0;
    const InflateProgress progress = whole_ ? inflater_.inflate_behind(input, memory_, filled)
                                            : inflater_.inflate(input, memory_);
    output_ += as_text(Bytes(memory_).subspan(filled, progress.produced));
    return progress;
  }

  Inflater& inflater_;
  std::size_t output_size_;
  bool whole_;
  std::vector<std::byte> memory_;
  std::string output_;
};

inline Inflated inflate_message(Inflater& inflater, std::string_view payload,
                                const PartSizes& sizes = all_at_once,
                                std::size_t output_size = 1 << 16,
                                Memory memory = Memory::one_for_the_message) {
  MessageReader reader(inflater, output_size, memory);
  while (!payload.empty()) {
    const std::size_t size = sizes(payload.size());
    if (!reader.read(payload.substr(0, size))) break;
    payload.remove_prefix(size);
  }
  return reader.end();
}

}  // namespace duplex::codec

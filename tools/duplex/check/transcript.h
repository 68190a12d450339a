// What went over the wire in a case, shortened to what a person can read.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::tools::suite {

class Transcript {
 public:
  enum class Direction : bool { sent, received };
  struct Entry {
    Direction direction = Direction::sent;
    std::chrono::microseconds at{0};  // since the beginning
    std::size_t size = 0;             // bytes
    std::string head = {};            // the first of them
  };
  // How much of the bytes bytes() shows: what a person reads at a glance (40 of them, 1 KiB of
  // HTTP), or all up to `side_size`.
  enum class Detail : bool { brief, whole };
  static constexpr std::size_t head_size = 256;
  static constexpr std::size_t max_entries = 40;
  static constexpr std::size_t side_size = 4096;

  void add(Direction direction, std::string_view bytes, std::chrono::microseconds at);

  const std::vector<Entry>& entries() const noexcept { return entries_; }
  std::size_t left_out() const noexcept { return left_out_; }  // entries beyond max_entries
  // All that went that way after the opening, as hexadecimal digits, shortened; of HTTP as text.
  std::string bytes(Direction direction, Detail detail = Detail::brief) const;

 private:
  // What bytes() shows of one direction.
  struct Side {
    std::string head = {};  // the first bytes
    std::size_t size = 0;   // of all
    bool is_opening = true;
    void add(std::string_view bytes);
  };

  std::array<Side, 2> sides_;  // sent, received
  std::vector<Entry> entries_;
  std::size_t left_out_ = 0;
};

// What a peer wrote, so that no byte of it does anything to a terminal or a file: ASCII, others as
// \xNN. Shortened to 200 bytes.
std::string printable(std::string_view bytes);

// Bytes of a message as hexadecimal digits, shortened to `limit` of them; of HTTP as quoted text,
// shortened to `http_limit`. `size`: with those that are not in `bytes`.
std::string show_bytes(std::string_view bytes, std::size_t size, std::size_t limit = 40,
                       std::size_t http_limit = 256);

}  // namespace duplex::tools::suite

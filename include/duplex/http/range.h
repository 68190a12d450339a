// Range requests: RFC 9110 section 14.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace duplex::http {

// What a Range field asks for of a representation of a known size.
struct ByteRange {
  enum class Kind : std::uint8_t {
    whole,          // 200: no range, a malformed one, another unit, or several ranges
    part,           // 206: bytes first to last, both counted from 0 and included
    unsatisfiable,  // 416
  };

  Kind kind = Kind::whole;
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  std::uint64_t size() const noexcept { return last - first + 1; }  // of a part
};

// Several ranges are answered with the whole, which section 14.2 allows: joining them saves nothing
// here and is the way many servers were made to work too hard.
ByteRange parse_range(std::string_view value, std::uint64_t representation_size) noexcept;

// The Content-Range of a 206, and of a 416.
std::string content_range(const ByteRange& part, std::uint64_t representation_size);
std::string unsatisfied_content_range(std::uint64_t representation_size);

}  // namespace duplex::http

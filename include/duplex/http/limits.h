// What a parser lets a peer send before it refuses.
#pragma once

#include <cstddef>

namespace duplex::http {

// One object is shared by many parsers and must outlive them. All sizes are bytes.
struct ParserLimits {
  std::size_t max_method_size = 32;                      // more: 501
  std::size_t max_target_size = 8192;                    // more: 414
  std::size_t max_head_size = std::size_t{16} << 10;     // start-line and fields; more: 431
  std::size_t max_field_count = 100;                     // more: 431; the same for trailers
  std::size_t max_body_size = 1'000'000;                 // without chunk framing; more: 413
  std::size_t max_chunk_extension_size = 4096;           // of one body in all; more: 400
  std::size_t max_trailer_size = std::size_t{16} << 10;  // more: 431
};

// Answers of 1xx that our clients take before the final one.
inline constexpr int max_informational = 16;

}  // namespace duplex::http

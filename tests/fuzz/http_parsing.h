// What the fuzzers of both HTTP parsers share.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "cuts.h"
#include "decisions.h"
#include "duplex/http/serialize.h"
#include "naive_http.h"

namespace duplex::fuzz {

// The defaults for 0, else limits that an input of some hundred bytes can reach.
inline http::ParserLimits choose_limits(std::uint8_t choice) {
  if (choice == 0) return {};
  return {.max_method_size = 1 + choice % 8U,
          .max_target_size = std::size_t{4} << (choice & 3),
          .max_head_size = std::size_t{16} << (choice >> 2 & 3),
          .max_field_count = choice >> 4 & 3U,
          .max_body_size = std::size_t{1} << (choice >> 3 & 7),
          .max_chunk_extension_size = choice % 16U,
          .max_trailer_size = choice % 32U};
}

inline void expect_within(Bytes body, std::size_t& body_size, const http::ParserLimits& limits) {
  body_size += body.size();
  EXPECT_FALSE(body.empty());
  EXPECT_LE(body_size, limits.max_body_size);
}

inline void expect_sound(const http::Fields& fields, const http::ParserLimits& limits) {
  EXPECT_LE(fields.size(), limits.max_field_count);
  for (const http::Field& field : fields) EXPECT_TRUE(http::is_sendable(field));
}

// How many messages ended: of "200 200 400" two.
inline int count_ended(const http::Transcript& transcript) {
  int count = 0;
  for (std::string_view rest = transcript.outcome; rest.starts_with("200"); cut_off(rest, " ")) {
    ++count;
  }
  return count;
}

// Fields without the given ones, for a writer that writes those itself.
inline std::vector<http::Field> without(const http::Fields& fields,
                                        std::initializer_list<std::string_view> names) {
  std::vector<http::Field> others;
  for (const http::Field& field : fields) {
    const auto is_it = [&](std::string_view name) { return http::iequals(field.name, name); };
    if (std::none_of(names.begin(), names.end(), is_it)) others.push_back(field);
  }
  return others;
}

}  // namespace duplex::fuzz

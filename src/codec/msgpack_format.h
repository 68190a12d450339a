// First bytes of MessagePack's forms ("Formats"), and numbers in network byte order.
#pragma once

#include <cstddef>
#include <cstdint>

namespace duplex::codec::msgpack {

inline constexpr std::uint8_t fix_map = 0x80;    // and the count, below 16
inline constexpr std::uint8_t fix_array = 0x90;  // and the count, below 16
inline constexpr std::uint8_t fix_text = 0xa0;   // and the size, below 32
inline constexpr std::uint8_t nil = 0xc0;
inline constexpr std::uint8_t no = 0xc2;
inline constexpr std::uint8_t yes = 0xc3;
inline constexpr std::uint8_t bytes8 = 0xc4;  // 16 and 32 follow, as with all that have sizes
inline constexpr std::uint8_t ext8 = 0xc7;
inline constexpr std::uint8_t float32 = 0xca;
inline constexpr std::uint8_t float64 = 0xcb;
inline constexpr std::uint8_t unsigned8 = 0xcc;
inline constexpr std::uint8_t signed8 = 0xd0;
inline constexpr std::uint8_t fix_ext1 = 0xd4;  // 2, 4, 8 and 16 follow
inline constexpr std::uint8_t text8 = 0xd9;
inline constexpr std::uint8_t array16 = 0xdc;
inline constexpr std::uint8_t map16 = 0xde;
inline constexpr std::uint8_t negative = 0xe0;  // -32 to -1, as one byte

}  // namespace duplex::codec::msgpack

// Writes MessagePack, each value in its shortest form.
#include <bit>

#include "codec/msgpack_format.h"
#include "duplex/codec/msgpack.h"

namespace duplex::codec {
namespace {

using Out = std::vector<std::byte>;

void append_byte(Out& out, std::uint64_t byte) {
  out.push_back(static_cast<std::byte>(byte & 255));
}

void append_number(Out& out, std::uint64_t number, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) append_byte(out, number >> shift);
}

// The form of 8, 16 or 32 bits that holds the size: they follow one another.
void append_size(Out& out, std::uint8_t form8, std::uint64_t size) {
  const int step = size <= 0xff ? 0 : size <= 0xffff ? 1 : 2;
  append_byte(out, form8 + static_cast<unsigned>(step));
  append_number(out, size, 1 << step);
}

void append_bytes(Out& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// Arrays and maps have no form of 8 bits.
void append_count(Out& out, std::uint8_t fixed, std::uint8_t form16, std::size_t count) {
  if (count < 16) return append_byte(out, fixed + count);
  const bool wide = count > 0xffff;
  append_byte(out, form16 + (wide ? 1U : 0U));
  append_number(out, count, wide ? 4 : 2);
}

void append_integer(Out& out, std::int64_t number) {
  if (number >= -32 && number < 128)
    return append_number(out, static_cast<std::uint64_t>(number), 1);
  const bool below = number < 0;
  // What is above what a signed number of half the width holds, or all of an unsigned one.
  const auto size = static_cast<std::uint64_t>(below ? ~number : number) << (below ? 1 : 0);
  const int step = size <= 0xff ? 0 : size <= 0xffff ? 1 : size <= 0xffff'ffff ? 2 : 3;
  append_byte(out, (below ? msgpack::signed8 : msgpack::unsigned8) + static_cast<unsigned>(step));
  append_number(out, static_cast<std::uint64_t>(number), 1 << step);
}

void append_text(Out& out, std::string_view text) {
  if (text.size() < 32) {
    append_byte(out, msgpack::fix_text + text.size());
  } else {
    append_size(out, msgpack::text8, text.size());
  }
  append_bytes(out, as_bytes(text));
}

void append_scalar(Out& out, const JsonValue& value) {
  if (const auto integer = value.integer()) {
    append_integer(out, *integer);
  } else if (const auto number = value.number()) {
    append_byte(out, msgpack::float64);
    append_number(out, std::bit_cast<std::uint64_t>(*number), 8);
  } else if (const bool* const flag = value.flag()) {
    append_byte(out, *flag ? msgpack::yes : msgpack::no);
  } else {
    append_byte(out, msgpack::nil);
  }
}

}  // namespace

void append_msgpack(std::vector<std::byte>& out, const JsonValue& value) {
  if (const std::string* const text = value.text()) {
    append_text(out, *text);
  } else if (const JsonBytes* const bytes = value.bytes()) {
    append_size(out, msgpack::bytes8, bytes->size());
    append_bytes(out, *bytes);
  } else if (const JsonArray* const items = value.array()) {
    append_count(out, msgpack::fix_array, msgpack::array16, items->size());
    for (const JsonValue& item : *items) append_msgpack(out, item);
  } else if (const JsonObject* const members = value.object()) {
    append_count(out, msgpack::fix_map, msgpack::map16, members->size());
    for (const auto& [name, member] : *members) {
      append_text(out, name);
      append_msgpack(out, member);
    }
  } else {
    append_scalar(out, value);
  }
}

std::vector<std::byte> write_msgpack(const JsonValue& value) {
  std::vector<std::byte> out;
  append_msgpack(out, value);
  return out;
}

}  // namespace duplex::codec

// Reads MessagePack by recursive descent; the depth limit bounds the stack.
#include <bit>

#include "codec/iso_date.h"
#include "codec/msgpack_format.h"
#include "codec/repeated_name.h"
#include "duplex/codec/msgpack.h"
#include "duplex/codec/utf8.h"

namespace duplex::codec {
namespace {

using namespace msgpack;

class Reader {
 public:
  Reader(Bytes input, const JsonLimits& limits) : input_(input), limits_(limits) {}

  Result<JsonValue, MsgpackError> run() {
    if (input_.size() > limits_.max_size) {
      fail(std::to_string(input_.size()) + " bytes, above the limit of " +
           std::to_string(limits_.max_size) + ",");
      return Failure{std::move(error_)};
    }
    JsonValue value;
    if (read_value(value, 0) && at_ < input_.size()) fail("expected the end of the input");
    if (failed_) return Failure{std::move(error_)};
    return value;
  }

 private:
  bool fail(std::string what) {
    failed_ = true;
    error_ = {.offset = at_, .message = std::move(what) + " at byte " + std::to_string(at_)};
    return false;
  }

  // Each of `count` takes at least `each` bytes of the rest.
  bool has(std::uint64_t count, std::uint64_t each = 1) {
    if (count <= (input_.size() - at_) / each) return true;
    return fail("the input ends too early for what begins");
  }

  // A number of `width` bytes in network byte order.
  bool read_number(int width, std::uint64_t& number) {
    if (!has(static_cast<std::uint64_t>(width))) return false;
    number = 0;
    for (int i = 0; i < width; ++i)
      number = number << 8 | std::to_integer<std::uint8_t>(input_[at_++]);
    return true;
  }

  bool read_value(JsonValue& value, std::size_t depth) {
    if (++count_ > limits_.max_values) {
      return fail("more than " + std::to_string(limits_.max_values) + " values");
    }
    std::uint64_t first = 0;
    if (!read_number(1, first)) return false;
    const auto form = static_cast<std::uint8_t>(first);
    if (form < fix_map || form >= negative) {
      value = JsonValue(static_cast<std::int8_t>(form));
      return true;
    }
    if (form < fix_array) return read_map(value, form & 15U, depth);
    if (form < fix_text) return read_array(value, form & 15U, depth);
    if (form < nil) return read_text(value, form & 31U);
    return read_form(value, form, depth);
  }

  // The forms of 0xc0 to 0xdf; what has a size or a width comes as 8, 16, 32 and so on.
  bool read_form(JsonValue& value, std::uint8_t form, std::size_t depth) {
    std::uint64_t number = 0;
    if (form >= text8) return read_sized(value, form, depth);
    if (form >= fix_ext1) return read_extension(value, 1U << (form - fix_ext1), true);
    if (form >= signed8) return read_signed(value, 1 << (form - signed8));
    if (form >= unsigned8) return read_unsigned(value, 1 << (form - unsigned8));
    if (form >= float32) return read_float(value, form);
    if (form >= ext8)
      return read_number(1 << (form - ext8), number) && read_extension(value, number, false);
    if (form >= bytes8)
      return read_number(1 << (form - bytes8), number) && read_bytes(value, number);
    if (form == no || form == yes) value = JsonValue(form == yes);
    return form != 0xc1 ||
           fail("a value of the form 0xc1, which is never used, before what stands");
  }

  bool read_sized(JsonValue& value, std::uint8_t form, std::size_t depth) {
    std::uint64_t size = 0;
    if (form < array16) return read_number(1 << (form - text8), size) && read_text(value, size);
    const bool is_array = form < map16;
    if (!read_number(((form - array16) & 1) != 0 ? 4 : 2, size)) return false;
    return is_array ? read_array(value, size, depth) : read_map(value, size, depth);
  }

  bool read_signed(JsonValue& value, int width) {
    std::uint64_t number = 0;
    if (!read_number(width, number)) return false;
    const int unused = 64 - 8 * width;
    value = JsonValue(static_cast<std::int64_t>(number << unused) >> unused);
    return true;
  }

  bool read_unsigned(JsonValue& value, int width) {
    std::uint64_t number = 0;
    if (!read_number(width, number)) return false;
    value = JsonValue(number);
    return true;
  }

  bool read_float(JsonValue& value, std::uint8_t form) {
    std::uint64_t bits = 0;
    if (!read_number(form == float32 ? 4 : 8, bits)) return false;
    value = form == float32 ? JsonValue(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))
                            : JsonValue(std::bit_cast<double>(bits));
    return true;
  }

  bool read_bytes(JsonValue& value, std::uint64_t size) {
    if (!has(size)) return false;
    const Bytes bytes = input_.subspan(at_, size);
    value = JsonValue(JsonBytes(bytes.begin(), bytes.end()));
    at_ += size;
    return true;
  }

  bool read_text(JsonValue& value, std::uint64_t size) {
    std::string text;
    if (!read_string(text, size)) return false;
    value = JsonValue(std::move(text));
    return true;
  }

  bool read_string(std::string& text, std::uint64_t size) {
    if (!has(size)) return false;
    const Bytes bytes = input_.subspan(at_, size);
    if (!is_valid_utf8(bytes)) return fail("text that is not UTF-8");
    text = as_text(bytes);
    at_ += size;
    return true;
  }

  bool enter(std::size_t depth) {
    if (depth < limits_.max_depth) return true;
    return fail("deeper than " + std::to_string(limits_.max_depth) + " levels");
  }

  bool read_array(JsonValue& value, std::uint64_t count, std::size_t depth) {
    if (!enter(depth) || !has(count)) return false;
    JsonArray items;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!read_value(items.emplace_back(), depth + 1)) return false;
    }
    value = JsonValue(std::move(items));
    return true;
  }

  bool read_map(JsonValue& value, std::uint64_t count, std::size_t depth) {
    if (!enter(depth) || !has(count, 2)) return false;
    JsonObject members;
    for (std::uint64_t i = 0; i < count; ++i) {
      JsonValue name;
      if (!read_value(name, depth + 1)) return false;
      if (name.text() == nullptr) return fail("a name that is no text, before what stands");
      auto& member = members.emplace_back(*name.text(), JsonValue());
      if (!read_value(member.second, depth + 1)) return false;
    }
    if (!names_differ(members)) return false;
    value = JsonValue(std::move(members));
    return true;
  }

  bool names_differ(const JsonObject& members) {
    const std::string* const name = repeated_name(members);
    return name == nullptr || fail("'" + *name + "' is there twice in the map that ends");
  }

  // "Extension types": a signed type, then the data.
  bool read_extension(JsonValue& value, std::uint64_t size, bool is_fixed) {
    std::uint64_t type = 0;
    if (!read_number(1, type) || !has(size)) return false;
    if (type == 0xff) return read_timestamp(value, size);
    // What notepack, as Socket.IO's msgpack parser has it, makes of values of JavaScript.
    if (type == 0 && !is_fixed) return read_bytes(value, size);   // an ArrayBuffer
    if (type == 0 && size == 1) return read_number(1, type);      // undefined: null
    if (type == 0 && size == 8) return read_milliseconds(value);  // a Date
    return fail("an extension of type " + std::to_string(static_cast<std::int8_t>(type)) + " and " +
                std::to_string(size) + " bytes");
  }

  // Since 1970, signed.
  bool read_milliseconds(JsonValue& value) {
    std::uint64_t number = 0;
    if (!read_number(8, number)) return false;
    const auto time = static_cast<std::int64_t>(number);
    const bool borrows = time % 1000 < 0;
    const std::int64_t rest = time % 1000 + (borrows ? 1000 : 0);
    return take_date(value, time / 1000 - (borrows ? 1 : 0),
                     static_cast<std::uint64_t>(rest) * 1'000'000);
  }

  bool take_date(JsonValue& value, std::int64_t seconds, std::uint64_t nanoseconds) {
    auto text = iso_date(seconds, nanoseconds);
    if (!text) return fail("a timestamp beyond what JavaScript's Date holds, before what stands");
    value = JsonValue(*std::move(text));
    return true;
  }

  // "Timestamp extension type": seconds; or 30 bits of nanoseconds and 34 of seconds; or both
  // whole.
  bool read_timestamp(JsonValue& value, std::uint64_t size) {
    std::uint64_t nanoseconds = 0;
    std::uint64_t seconds = 0;
    if (size == 4) {
      if (!read_number(4, seconds)) return false;
    } else if (size == 8) {
      if (!read_number(8, seconds)) return false;
      nanoseconds = seconds >> 34;
      seconds &= (std::uint64_t{1} << 34) - 1;
    } else if (size == 12) {
      if (!read_number(4, nanoseconds) || !read_number(8, seconds)) return false;
    } else {
      return fail("a timestamp of " + std::to_string(size) + " bytes");
    }
    return take_date(value, static_cast<std::int64_t>(seconds), nanoseconds);
  }

  Bytes input_;
  const JsonLimits& limits_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
  bool failed_ = false;
  MsgpackError error_;
};

}  // namespace

Result<JsonValue, MsgpackError> parse_msgpack(Bytes input, const JsonLimits& limits) {
  return Reader(input, limits).run();
}

}  // namespace duplex::codec

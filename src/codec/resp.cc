// RESP2, the protocol of Redis; see resp.h.
#include "duplex/codec/resp.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace duplex::codec {
namespace {

// Of a 64-bit number with its sign.
constexpr std::size_t max_number_size = 20;

void append_text(std::vector<std::byte>& out, std::string_view text) {
  const Bytes bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// "$5\r\n", "*2\r\n"
void append_head(std::vector<std::byte>& out, char type, std::size_t number) {
  append_text(out, type + std::to_string(number) + "\r\n");
}

std::string shown(char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (byte > ' ' && byte < 127) return std::string("'") + byte + "'";
  const auto value = static_cast<unsigned char>(byte);
  return std::string("the byte 0x") + digits[value >> 4] + digits[value & 15];
}

}  // namespace

// --- Commands ------------------------------------------------------------------------------------

void append_resp_command(std::vector<std::byte>& out, std::span<const std::string_view> arguments) {
  append_head(out, '*', arguments.size());
  for (const std::string_view each : arguments) {
    append_head(out, '$', each.size());
    append_text(out, each);
    append_text(out, "\r\n");
  }
}

std::vector<std::byte> write_resp_command(std::span<const std::string_view> arguments) {
  std::vector<std::byte> out;
  append_resp_command(out, arguments);
  return out;
}

// --- Replies -------------------------------------------------------------------------------------

Result<std::optional<RespValue>, RespError> RespReader::next(Bytes& input) {
  while (!input.empty() && state_ != State::failed && !done_) {
    if (state_ == State::bulk) {
      take_bulk(input);
      continue;
    }
    const auto byte = static_cast<char>(input.front());
    if (!take_byte(byte)) break;
    input = input.subspan(1);
  }
  if (state_ == State::failed) return Failure{error_};
  if (done_) offset_ = 0;
  return std::exchange(done_, std::nullopt);
}

bool RespReader::fail(std::string what, std::size_t offset) {
  state_ = State::failed;
  error_ = {.offset = offset,
            .message = std::move(what) + " at byte " + std::to_string(offset) + " of the reply"};
  return false;
}

bool RespReader::take_byte(char byte) {
  if (offset_ >= limits_.max_size) {
    return fail("more than " + std::to_string(limits_.max_size) + " bytes", offset_);
  }
  if (state_ == State::type) return take_type(byte);
  if (state_ == State::line) return take_line_byte(byte);
  const bool wants_return = state_ == State::bulk_return;
  if (byte != (wants_return ? '\r' : '\n')) {
    return fail(wants_return ? "expected the end of a bulk string" : "expected a line feed",
                offset_);
  }
  ++offset_;
  if (state_ == State::line_feed) return end_line();
  if (wants_return) {
    state_ = State::bulk_feed;
    return true;
  }
  return complete({.kind = RespValue::Kind::bulk, .text = std::exchange(bulk_, {})});
}

bool RespReader::take_type(char byte) {
  constexpr std::string_view types = "+-:$*";
  if (types.find(byte) == std::string_view::npos) {
    return fail("expected one of + - : $ *, not " + shown(byte) + ",", offset_);
  }
  if (open_.empty()) count_ = 1;
  type_ = byte;
  line_.clear();
  line_at_ = ++offset_;
  state_ = State::line;
  return true;
}

bool RespReader::take_line_byte(char byte) {
  if (byte == '\n') return fail("a line feed without a carriage return", offset_);
  ++offset_;
  if (byte == '\r') {
    state_ = State::line_feed;
    return true;
  }
  const bool is_text = type_ == '+' || type_ == '-';
  const std::size_t most = is_text ? limits_.max_line_size : max_number_size;
  if (line_.size() >= most) {
    return fail("a line of more than " + std::to_string(most) + " bytes", line_at_);
  }
  line_ += byte;
  return true;
}

void RespReader::take_bulk(Bytes& input) {
  const std::size_t size = std::min(left_, input.size());
  bulk_ += as_text(input.first(size));
  input = input.subspan(size);
  offset_ += size;
  left_ -= size;
  if (left_ == 0) state_ = State::bulk_return;
}

bool RespReader::end_line() {
  switch (type_) {
    case '+':
      return complete({.kind = RespValue::Kind::simple, .text = std::exchange(line_, {})});
    case '-':
      return complete({.kind = RespValue::Kind::error, .text = std::exchange(line_, {})});
    case '$':
      return begin_bulk();
    case '*':
      return begin_array();
    default:
      break;
  }
  std::int64_t number = 0;
  return read_number(number) && complete({.kind = RespValue::Kind::integer, .integer = number});
}

// The specification lets an integer have a plus.
bool RespReader::read_number(std::int64_t& number) {
  std::string_view digits = line_;
  if (type_ == ':' && digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (end.ec == std::errc() && std::to_string(number) == digits) return true;
  return fail("'" + line_ + "', which is no number of 64 bits,", line_at_);
}

// Of bytes or items; -1 is nil.
bool RespReader::read_count(std::int64_t& count) {
  if (!read_number(count)) return false;
  return count >= -1 || fail("the size " + line_, line_at_);
}

bool RespReader::begin_bulk() {
  std::int64_t size = 0;
  if (!read_count(size)) return false;
  if (size < 0) return complete({});
  left_ = static_cast<std::size_t>(size);
  if (left_ > limits_.max_size - offset_) {
    return fail("a bulk string of " + line_ + " bytes, which makes more than " +
                    std::to_string(limits_.max_size) + ",",
                line_at_);
  }
  state_ = left_ == 0 ? State::bulk_return : State::bulk;
  return true;
}

bool RespReader::begin_array() {
  std::int64_t count = 0;
  if (!read_count(count)) return false;
  if (count < 0) return complete({});
  if (open_.size() >= limits_.max_depth) {
    return fail("deeper than " + std::to_string(limits_.max_depth) + " levels", line_at_);
  }
  const auto left = static_cast<std::size_t>(count);
  if (count_ + left > limits_.max_values) {
    return fail("an array of " + line_ + ", which makes more than " +
                    std::to_string(limits_.max_values) + " values,",
                line_at_);
  }
  count_ += left;
  RespValue array = {.kind = RespValue::Kind::array};
  if (left == 0) return complete(std::move(array));
  open_.push_back({.array = std::move(array), .left = left});
  state_ = State::type;
  return true;
}

// The last item of an array completes that, too.
bool RespReader::complete(RespValue value) {
  state_ = State::type;
  while (!open_.empty()) {
    Open& parent = open_.back();
    parent.array.items.push_back(std::move(value));
    if (--parent.left > 0) return true;
    value = std::exchange(parent.array, {});
    open_.pop_back();
  }
  done_ = std::move(value);
  return true;
}

}  // namespace duplex::codec

// RESP2, the protocol of Redis ("Redis serialization protocol specification"): commands written,
// replies read. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/base/result.h"

namespace duplex::codec {

// A command: an array of bulk strings, of which the first is its name. Arguments may be any bytes.
std::vector<std::byte> write_resp_command(std::span<const std::string_view> arguments);
void append_resp_command(std::vector<std::byte>& out, std::span<const std::string_view> arguments);

// One reply, which owns everything below it.
struct RespValue {
  enum class Kind : std::uint8_t { nil, simple, error, integer, bulk, array };

  Kind kind = Kind::nil;
  std::int64_t integer = 0;           // of an integer
  std::string text = {};              // of a simple string, an error or a bulk string: any bytes
  std::vector<RespValue> items = {};  // of an array

  bool is_error() const noexcept { return kind == Kind::error; }
  // A simple or bulk string of exactly these bytes.
  bool says(std::string_view words) const noexcept {
    return (kind == Kind::simple || kind == Kind::bulk) && text == words;
  }

  friend bool operator==(const RespValue&, const RespValue&) = default;
};

// Limits of one reply. Beyond any of them the reader fails.
struct RespLimits {
  // Bytes on the wire, all parts together. Memory is taken as they come, never by what is
  // announced.
  std::size_t max_size = std::size_t{256} << 20;
  std::size_t max_line_size = std::size_t{64} << 10;  // bytes of a simple string or an error
  std::size_t max_depth = 16;                         // arrays within one another
  std::size_t max_values = std::size_t{1'000'000};    // in all, arrays too; each takes 72 bytes
};

struct RespError {
  std::size_t offset = 0;  // bytes of the reply before the place
  std::string message;     // "expected a line feed at byte 4 of the reply"
};

// Reads replies from a stream that may be cut anywhere. Strict: lines end with CR LF, numbers are
// written without leading zeros, only -1 stands for nil.
class RespReader {
 public:
  explicit RespReader(const RespLimits& limits = {}) : limits_(limits) {}

  // Takes the bytes of one reply from the front of `input`; what is behind it stays. Nothing: all
  // of `input` has been taken, and the reply goes on. After an error, which comes again each time,
  // the stream is to be closed: nothing that follows can be trusted.
  Result<std::optional<RespValue>, RespError> next(Bytes& input);

  // A reply has begun and is not complete.
  bool is_waiting() const noexcept { return offset_ > 0; }

 private:
  enum class State : std::uint8_t { type, line, line_feed, bulk, bulk_return, bulk_feed, failed };
  struct Open {
    RespValue array;
    std::size_t left = 0;  // items that are missing
  };

  bool fail(std::string what, std::size_t offset);
  bool take_byte(char byte);
  bool take_type(char byte);
  bool take_line_byte(char byte);
  void take_bulk(Bytes& input);
  bool end_line();
  bool read_number(std::int64_t& number);
  bool read_count(std::int64_t& count);
  bool begin_bulk();
  bool begin_array();
  bool complete(RespValue value);

  RespLimits limits_;
  State state_ = State::type;
  char type_ = 0;
  std::string line_;        // of the line that is being read
  std::string bulk_;        // of the bulk string that is being read
  std::size_t left_ = 0;    // bytes that are missing of it
  std::size_t offset_ = 0;  // bytes of the reply that have been taken
  std::size_t line_at_ = 0;
  std::size_t count_ = 0;   // values that have begun or been announced
  std::vector<Open> open_;  // arrays that are not complete, each within the one before
  std::optional<RespValue> done_;
  RespError error_;
};

}  // namespace duplex::codec

// Payloads of Engine.IO: many packets in one body.
#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "duplex/codec/utf8.h"
#include "duplex/engineio/packet.h"

namespace duplex::engineio {
namespace {

constexpr std::size_t most_digits = 10;  // of a length: bodies are not that large
constexpr char end_of_size = '\xFF';
constexpr char text_mark = 0;
constexpr char bytes_mark = 1;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }
bool takes_two_units(char lead) { return static_cast<unsigned char>(lead) >= 0xF0; }

// Of text in UTF-8, the code units of UTF-16.
std::size_t count_units(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (continues(c) ? 0U : 1U) + (takes_two_units(c) ? 1U : 0U);
  return count;
}

// The bytes at the front of `text` that are so many units; nothing if it ends before, or they end
// within a character. Of text that is not UTF-8 any number of bytes.
std::optional<std::size_t> size_of_units(std::string_view text, std::uint64_t units) {
  std::size_t size = 0;
  while (units > 0 && size < text.size()) {
    const std::uint64_t taken = takes_two_units(text[size]) ? 2 : 1;
    if (taken > units) return std::nullopt;
    units -= taken;
    for (++size; size < text.size() && continues(text[size]); ++size) {
    }
  }
  return units == 0 ? std::optional(size) : std::nullopt;
}

// Nothing for what would be written in another way.
std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool is_whole = error == std::errc() && end == digits.data() + digits.size();
  const bool is_plain = digits.size() <= 1 || digits.front() != '0';
  return is_whole && is_plain ? std::optional(number) : std::nullopt;
}

std::string beyond(std::uint64_t length, std::string_view units) {
  return "a length of " + std::to_string(length) + std::string(units) +
         ", which is none of what follows";
}

}  // namespace

void append_counted(std::string& out, std::string_view packet) {
  out.append(std::to_string(count_units(packet))).append(":").append(packet);
}

void append_counted_bytes(std::string& out, std::string_view packet, bool is_bytes) {
  out += is_bytes ? bytes_mark : text_mark;
  for (const char digit : std::to_string(packet.size())) out += static_cast<char>(digit - '0');
  out += end_of_size;
  out += packet;
}

std::optional<Packet> PayloadReader::next() {
  if (finished_) return std::nullopt;
  std::optional<Packet> packet;
  if (++count_ > limits_.max_packets) {
    fault_ = "more than " + std::to_string(limits_.max_packets) + " packets in a payload";
  } else {
    Part part;
    std::string problem = take_part(part);
    if (problem.empty()) problem = read(part, packet);
    if (!problem.empty()) fault_ = "packet " + std::to_string(count_) + ": " + problem;
  }
  finished_ = finished_ || !packet;
  return packet;
}

std::string PayloadReader::read(const Part& part, std::optional<Packet>& packet) const {
  if (!part.is_bytes && !codec::is_valid_utf8(as_bytes(part.content))) {
    return "text that is not UTF-8";
  }
  const Revision revision = form_ == PayloadForm::separated ? Revision::four : Revision::three;
  auto parsed = part.is_bytes ? parse_bytes(as_bytes(part.content), revision)
                              : parse_packet(part.content, revision);
  if (!parsed) return parsed.error();
  packet = *std::move(parsed);
  return {};
}

std::string PayloadReader::take_part(Part& part) {
  if (form_ != PayloadForm::separated) {
    std::string problem =
        form_ == PayloadForm::counted ? take_counted(part) : take_counted_bytes(part);
    finished_ = rest_.empty();
    return problem;
  }
  const std::size_t end = rest_.find(separator);
  part.content = rest_.substr(0, end);
  finished_ = end == std::string_view::npos;
  if (!finished_) rest_.remove_prefix(end + 1);
  return {};
}

std::string PayloadReader::take_counted(Part& part) {
  const std::size_t colon = rest_.substr(0, most_digits + 1).find(':');
  if (colon == std::string_view::npos) return "no length and ':' before it";
  const auto units = number_of(rest_.substr(0, colon));
  if (!units) return "a length that is no number";
  rest_.remove_prefix(colon + 1);
  const auto size = size_of_units(rest_, *units);
  if (!size) return beyond(*units, " UTF-16 code units");
  part.content = rest_.substr(0, *size);
  rest_.remove_prefix(*size);
  return {};
}

std::string PayloadReader::take_counted_bytes(Part& part) {
  const std::size_t end = rest_.substr(0, most_digits + 2).find(end_of_size);
  if (end == std::string_view::npos) return "no size and 255 before it";
  const char mark = rest_.front();
  if (mark != text_mark && mark != bytes_mark) return "neither text nor bytes";
  std::string digits(rest_.substr(1, end - 1));
  for (char& digit : digits) digit = static_cast<char>(digit + '0');
  const auto size = number_of(digits);
  if (!size) return "a size that is no number";
  rest_.remove_prefix(end + 1);
  if (*size > rest_.size()) return beyond(*size, " bytes");
  part = {.content = rest_.substr(0, *size), .is_bytes = mark == bytes_mark};
  rest_.remove_prefix(*size);
  return {};
}

}  // namespace duplex::engineio

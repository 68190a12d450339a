// The text of a packet, taken apart from left to right.
#include "socketio/packet_text.h"

#include <charconv>
#include <limits>
#include <system_error>

namespace duplex::socketio {
namespace {

using codec::JsonArray;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

// Nothing for what 64 bits do not hold, and for what would be written in another way.
std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (result.ec != std::errc() || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  return number;
}

// What makes a digit string safe to show.
std::string shown(std::string_view digits) {
  constexpr std::size_t most = 24;
  return digits.size() <= most ? std::string(digits) : std::string(digits.substr(0, most)) + "...";
}

// What is wrong, or nothing; each takes its part from the front of the text.
std::string take_type(std::string_view& text, PacketType& type) {
  if (text.empty()) return "an empty packet";
  if (text.front() < '0' || text.front() > '6') return "a packet type that is not 0 to 6";
  type = static_cast<PacketType>(text.front() - '0');
  text.remove_prefix(1);
  return {};
}

std::string take_attachments(std::string_view& text, ParsedText& parsed,
                             const PacketLimits& limits) {
  const PacketType type = parsed.packet.type;
  if (type != PacketType::binary_event && type != PacketType::binary_ack) return {};
  parsed.packet.type = type == PacketType::binary_ack ? PacketType::ack : PacketType::event;
  const std::string_view digits = take_digits(text);
  if (digits.empty() || !text.starts_with('-')) return "a binary packet without '<attachments>-'";
  text.remove_prefix(1);
  const auto count = number_of(digits);
  if (!count || *count == 0) return shown(digits) + " attachments, which is no such number";
  if (*count > limits.max_attachments) {
    return shown(digits) + " attachments, above the limit of " +
           std::to_string(limits.max_attachments);
  }
  parsed.attachments = *count;
  return {};
}

std::string take_nsp(std::string_view& text, std::string& nsp, const PacketLimits& limits) {
  if (!text.starts_with('/')) return {};
  const std::size_t end = std::min(text.find(','), text.size());
  if (end > limits.max_nsp_size) {
    return "a namespace of " + std::to_string(end) + " bytes, above the limit of " +
           std::to_string(limits.max_nsp_size);
  }
  nsp = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return {};
}

std::string take_ack_id(std::string_view& text, std::optional<std::uint64_t>& ack_id) {
  const std::string_view digits = take_digits(text);
  if (digits.empty()) return {};
  ack_id = number_of(digits);
  return ack_id ? "" : "acknowledgement id " + shown(digits) + " is no number of 64 bits";
}

std::string take_data(std::string_view text, std::optional<Json>& data,
                      const PacketLimits& limits) {
  if (text.empty()) return {};
  auto json = codec::parse_json(text, limits.json);
  if (!json) return "JSON: " + json.error().message;
  data = *std::move(json);
  return {};
}

// --- What goes together --------------------------------------------------------------------------

std::string problem_with_event(const std::optional<Json>& data) {
  const JsonArray* const items = data ? std::as_const(*data).array() : nullptr;
  if (items == nullptr || items->empty()) return "an event without an array that names it";
  const Json& name = items->front();
  if (name.number()) return {};
  if (name.text() == nullptr) return "an event whose name is neither a string nor a number";
  return is_reserved(*name.text()) ? "an event of the reserved name '" + *name.text() + "'" : "";
}

}  // namespace

std::string problem_with(const Packet& packet) {
  const bool takes_id = packet.type == PacketType::event || packet.type == PacketType::ack;
  if (packet.ack_id && !takes_id) return "an acknowledgement id where none belongs";
  const std::optional<Json>& data = packet.data;
  switch (packet.type) {
    case PacketType::connect:
      return data && std::as_const(*data).object() == nullptr ? "a connect whose data is no object"
                                                              : "";
    case PacketType::disconnect:
      return data ? "a disconnect with data" : "";
    case PacketType::connect_error:
      return data && (data->text() != nullptr || std::as_const(*data).object() != nullptr)
                 ? ""
                 : "a connect error whose data is neither an object nor a string";
    case PacketType::ack:
      if (!packet.ack_id) return "an acknowledgement without id";
      return data && std::as_const(*data).array() != nullptr
                 ? ""
                 : "an acknowledgement without an array";
    default:
      return problem_with_event(data);
  }
}

Result<ParsedText, std::string> parse_packet_text(std::string_view text,
                                                  const PacketLimits& limits) {
  ParsedText parsed;
  Packet& packet = parsed.packet;
  std::string problem = take_type(text, packet.type);
  if (problem.empty()) problem = take_attachments(text, parsed, limits);
  if (problem.empty()) problem = take_nsp(text, packet.nsp, limits);
  if (problem.empty()) problem = take_ack_id(text, packet.ack_id);
  if (problem.empty()) problem = take_data(text, packet.data, limits);
  if (problem.empty()) problem = problem_with(packet);
  if (!problem.empty()) return Failure{std::move(problem)};
  return parsed;
}

}  // namespace duplex::socketio

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

// Each step takes its part from the front of the text; false: it has said what is wrong.
class TextParser {
 public:
  TextParser(std::string_view text, const PacketLimits& limits, Packet& packet,
             std::size_t& attachments)
      : text_(text), limits_(limits), packet_(packet), attachments_(attachments) {}

  // What is wrong, or nothing.
  std::string run() {
    const bool whole =
        take_type() && take_attachments() && take_nsp() && take_ack_id() && take_data();
    return whole ? problem_with(packet_) : std::move(problem_);
  }

 private:
  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool take_type() {
    if (text_.empty()) return fail("an empty packet");
    if (text_.front() < '0' || text_.front() > '6') return fail("a packet type that is not 0 to 6");
    packet_.type = static_cast<PacketType>(text_.front() - '0');
    text_.remove_prefix(1);
    return true;
  }

  bool take_attachments() {
    const PacketType type = packet_.type;
    if (type != PacketType::binary_event && type != PacketType::binary_ack) return true;
    packet_.type = type == PacketType::binary_ack ? PacketType::ack : PacketType::event;
    const std::string_view digits = take_digits(text_);
    if (digits.empty() || !text_.starts_with('-')) {
      return fail("a binary packet without '<attachments>-'");
    }
    text_.remove_prefix(1);
    const auto count = number_of(digits);
    if (!count || *count == 0) return fail(shown(digits) + " attachments, which is no such number");
    attachments_ = *count;
    return *count <= limits_.max_attachments ||
           fail(shown(digits) + " attachments, above the limit of " +
                std::to_string(limits_.max_attachments));
  }

  bool take_nsp() {
    if (!text_.starts_with('/')) return true;
    const std::size_t end = std::min(text_.find(','), text_.size());
    if (end > limits_.max_nsp_size) {
      return fail("a namespace of " + std::to_string(end) + " bytes, above the limit of " +
                  std::to_string(limits_.max_nsp_size));
    }
    packet_.nsp = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    return true;
  }

  bool take_ack_id() {
    const std::string_view digits = take_digits(text_);
    if (digits.empty()) return true;
    packet_.ack_id = number_of(digits);
    return packet_.ack_id ||
           fail("acknowledgement id " + shown(digits) + " is no number of 64 bits");
  }

  bool take_data() {
    if (text_.empty()) return true;
    const auto error = codec::parse_json(text_, limits_.json, packet_.data.emplace());
    return !error || fail("JSON: " + error->message);
  }

  std::string_view text_;
  const PacketLimits& limits_;
  Packet& packet_;
  std::size_t& attachments_;
  std::string problem_ = {};
};

// --- What goes together --------------------------------------------------------------------------

std::string problem_with_event(const std::optional<Json>& data) {
  const JsonArray* const items = data ? std::as_const(*data).array() : nullptr;
  if (items == nullptr || items->empty()) return "an event without an array that names it";
  const Json& name = items->front();
  if (name.number()) return {};
  if (name.text() == nullptr) return "an event whose name is neither a string nor a number";
  if (!is_reserved(*name.text())) return {};
  return "an event of the reserved name '" + *name.text() + "'";
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
      if (data && std::as_const(*data).array() != nullptr) return {};
      return "an acknowledgement without an array";
    default:
      return problem_with_event(data);
  }
}

std::string parse_packet_text(std::string_view text, const PacketLimits& limits, Packet& packet,
                              std::size_t& attachments) {
  return TextParser(text, limits, packet, attachments).run();
}

}  // namespace duplex::socketio

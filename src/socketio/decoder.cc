// Packets put together from the messages that carry them.
#include <utility>

#include "duplex/socketio/packet.h"
#include "socketio/packet_text.h"

namespace duplex::socketio {
namespace {

// Moves attachments to where their placeholders stand.
class Placeholders {
 public:
  explicit Placeholders(std::vector<codec::JsonBytes>& attachments)
      : attachments_(attachments), used_(attachments.size()) {}

  // What is wrong, or nothing. The depth is that of the JSON reader's limit.
  std::string fill(Json& value) {
    if (is_placeholder(value)) return replace(value);
    if (codec::JsonArray* const items = value.array()) {
      for (Json& item : *items) {
        if (std::string problem = fill(item); !problem.empty()) return problem;
      }
    } else if (codec::JsonObject* const members = value.object()) {
      for (auto& [name, member] : *members) {
        if (std::string problem = fill(member); !problem.empty()) return problem;
      }
    }
    return {};
  }

  bool all_used() const noexcept { return count_ == used_.size(); }

 private:
  static bool is_placeholder(const Json& value) {
    const Json* const mark = value.find("_placeholder");
    return mark != nullptr && mark->flag() != nullptr && *mark->flag();
  }

  // Each attachment has one place: a copy for each of many places would be worth an attack.
  std::string replace(Json& value) {
    const Json* const num = std::as_const(value).find("num");
    const auto index = num == nullptr ? std::nullopt : num->integer();
    if (!index || *index < 0 || static_cast<std::uint64_t>(*index) >= used_.size()) {
      return "a placeholder whose num is none of 0 to " + std::to_string(used_.size() - 1);
    }
    const auto place = static_cast<std::size_t>(*index);
    if (used_[place]) return "two placeholders of num " + std::to_string(place);
    used_[place] = true;
    ++count_;
    value = Json(std::move(attachments_[place]));
    return {};
  }

  std::vector<codec::JsonBytes>& attachments_;
  std::vector<bool> used_;
  std::size_t count_ = 0;
};

}  // namespace

Decoder::Outcome Decoder::on_text(std::string_view text) {
  if (!is_waiting()) return parse(text);
  return Failure{"text where attachment " + std::to_string(pending_->attachments.size() + 1) +
                 " was to come"};
}

// The packet is read where it will be, and never moved.
Decoder::Outcome Decoder::parse(std::string_view text) {
  Outcome outcome(std::in_place, std::in_place);
  std::size_t attachments = 0;
  Packet& packet = **outcome;
  std::string problem = parse_packet_text(text, limits_, packet, attachments);
  if (!problem.empty()) {
    outcome = Failure{std::move(problem)};
  } else if (attachments > 0) {
    pending_ =
        std::make_unique<Pending>(Pending{.text = std::string(text), .missing = attachments});
    outcome->reset();
  }
  return outcome;
}

Decoder::Outcome Decoder::on_bytes(Bytes bytes) {
  if (!is_waiting()) return Failure{std::string("bytes where no attachment was to come")};
  pending_->attachments.emplace_back(bytes.begin(), bytes.end());
  if (--pending_->missing > 0) return std::optional<Packet>();
  const auto whole = std::exchange(pending_, nullptr);
  return complete(std::move(*whole));
}

Decoder::Outcome Decoder::complete(Pending pending) const {
  Packet packet;
  std::size_t count = 0;
  std::string problem = parse_packet_text(pending.text, limits_, packet, count);
  Placeholders placeholders(pending.attachments);
  if (problem.empty()) problem = placeholders.fill(*packet.data);
  if (problem.empty() && !placeholders.all_used()) problem = "an attachment without placeholder";
  if (!problem.empty()) return Failure{std::move(problem)};
  return std::optional(std::move(packet));
}

}  // namespace duplex::socketio

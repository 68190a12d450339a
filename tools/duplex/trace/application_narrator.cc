// HTTP and WebSocket in words.
#include "application_narrator.h"

#include <algorithm>
#include <utility>

#include "../capture/byte_order.h"
#include "../frames/bit_box.h"
#include "accept_derivation.h"
#include "explanations.h"
#include "words.h"

namespace duplex::tools::trace {
namespace {

using websocket::Opcode;

constexpr std::size_t max_field_lines = 40;
constexpr std::size_t max_field_size = 160;
constexpr std::size_t max_open_pings = 1024;
// What fits into a line of a terminal of 80 columns.
constexpr std::size_t max_box_bytes = 8;
constexpr std::size_t max_mask_bytes = 12;

std::string version_text(int minor) { return "HTTP/1." + std::to_string(minor); }

void add_fields(Line& line, const FieldTexts& fields) {
  for (const auto& [name, value] : fields) {
    if (line.details.size() == max_field_lines) {
      line.details.push_back("… " + std::to_string(fields.size()) + " field lines in all");
      return;
    }
    line.details.push_back(one_line(name + ": " + value, max_field_size, 0));
  }
}

Line make_line(int layer, std::string name, std::string what, std::string meaning) {
  Line line = {.layer = layer,
               .name = std::move(name),
               .what = std::move(what),
               .meaning = std::move(meaning)};
  line.explanation = explanation_of(line.name);
  return line;
}

// The code of a Close frame, if it has one.
std::optional<std::uint16_t> close_code(const SeenFrame& frame) {
  if (frame.header.opcode != Opcode::close || frame.payload.size() < 2) return std::nullopt;
  return read_big<std::uint16_t>(frame.payload, 0);
}

// What makes a receiver fail the connection, in words; empty when nothing does.
std::string frame_fault(Side from, const SeenFrame& frame) {
  if (frame.header.masked != (from == Side::client)) {
    return std::string(frame.header.masked ? "a server must not mask" : "a client must mask") +
           ": to be closed with 1002 (RFC 6455 section 5.1)";
  }
  if (frame.text == TextState::invalid) return "not UTF-8: to be closed with 1007";
  return "";
}

std::string text_words(TextState state) {
  switch (state) {
    case TextState::valid:
      return "valid UTF-8";
    case TextState::unfinished:
      return "UTF-8, valid so far";
    case TextState::invalid:
      return "NOT valid UTF-8: to be closed with 1007";
    case TextState::none:
      break;
  }
  return "bytes, which mean what the application wants";
}

}  // namespace

// --- What is heard -------------------------------------------------------------------------------

std::vector<Line> ApplicationNarrator::hear(Side from, std::chrono::nanoseconds time, Bytes bytes) {
  Lines lines = tell_all(from, time, dialogue_.hear(from, bytes));
  if (lines.empty() && dialogue_.within_frame(from)) {
    lines.push_back(make_line(7, "PART", bytes_text(bytes.size()) + " of a frame that goes on",
                              "frames end where their length says, wherever packets end"));
  }
  return lines;
}

std::vector<Line> ApplicationNarrator::finish(Side from, std::chrono::nanoseconds time) {
  return tell_all(from, time, dialogue_.finish(from));
}

std::vector<Line> ApplicationNarrator::lose(Side from, const std::string& why) {
  dialogue_.lose(from);
  Lines lines;
  tell(from, Unreadable{why}, lines);
  return lines;
}

ApplicationNarrator::Lines ApplicationNarrator::tell_all(Side from, std::chrono::nanoseconds time,
                                                         const std::vector<Utterance>& said) {
  now_ = time;
  Lines lines;
  // What waited for the server's answer was said by the client.
  for (const Utterance& utterance : said) {
    std::visit([&](const auto& seen) { tell(from, seen, lines); }, utterance);
  }
  return lines;
}

bool ApplicationNarrator::may_tell(bool is_news) {
  const bool told = is_news || told_ < most_utterances;
  ++(told ? told_ : untold_);
  return told;
}

std::string ApplicationNarrator::untold() const {
  if (untold_ == 0) return {};
  return std::to_string(untold_) + " more frames, requests, answers or bodies were counted, and " +
         "not told: a story has " + std::to_string(most_utterances) + " of them at most";
}

// --- HTTP ----------------------------------------------------------------------------------------

void ApplicationNarrator::tell(Side, const SeenRequest& request, Lines& lines) {
  ++seen_.requests;
  counts_.http_heads += request.size;
  if (!may_tell()) return;
  Line line = make_line(7, one_line(request.method, 32, 0),
                        one_line(request.target, max_field_size, 0) + " " +
                            version_text(request.minor_version) + "   " + bytes_text(request.size),
                        request.asks_for_upgrade
                            ? "“Let us speak WebSocket on this connection from now on.”"
                            : "“Give me what is at this path.”");
  if (!request.asks_for_upgrade) line.explanation.clear();
  add_fields(line, request.fields);
  lines.push_back(std::move(line));
}

void ApplicationNarrator::tell(Side, const SeenResponse& response, Lines& lines) {
  counts_.http_heads += response.size;
  if (!may_tell(response.upgraded)) return;
  std::string meaning = "“Here is my answer.”";
  if (response.answers_upgrade) {
    meaning = response.upgraded        ? "“Yes: from here on we speak WebSocket.”"
              : response.status == 101 ? "“Yes”, but the proof is wrong: the client must leave"
                                       : "“No: we go on speaking HTTP.”";
  }
  Line line =
      make_line(7, std::to_string(response.status),
                one_line(response.reason, max_field_size, 0) + "   " + bytes_text(response.size),
                std::move(meaning));
  add_fields(line, response.fields);
  if (response.answers_upgrade && response.status == 101) {
    for (std::string& text : derivation_lines(response.key, response.accept)) {
      line.details.push_back(std::move(text));
    }
  }
  lines.push_back(std::move(line));
  if (!response.upgraded) return;
  seen_.upgraded = true;
  lines.push_back(make_line(5, "SESSION", "begins with the empty line behind this answer",
                            "messages, both ways, until one side says Close"));
}

void ApplicationNarrator::tell(Side, const SeenBody& body, Lines& lines) {
  counts_.http_bodies += body.size;
  if (!may_tell()) return;
  const std::string what =
      body.size == 0 ? "is complete"
                     : bytes_text(body.size) + "   " + one_line(body.beginning, shown_, body.size);
  lines.push_back(make_line(7, "BODY", what,
                            body.complete ? "and that is all of it" : "more of it may follow"));
}

void ApplicationNarrator::tell(Side from, const Unreadable& unreadable, Lines& lines) {
  lines.push_back(
      make_line(7, "UNREADABLE", unreadable.why,
                "what the " + std::string(side_name(from)) + " says from here on cannot be told"));
}

// --- WebSocket -----------------------------------------------------------------------------------

void ApplicationNarrator::tell(Side from, const SeenFrame& frame, Lines& lines) {
  count(frame);
  if (!may_tell(is_news(from, frame))) return;
  lines.push_back(frame_line(from, frame));
  lines.push_back(presentation_line(frame));
  if (is_control(frame.header.opcode)) lines.push_back(session_line(from, frame));
}

// The first Close of a side is, however many frames there have been.
bool ApplicationNarrator::is_news(Side from, const SeenFrame& frame) const noexcept {
  return frame.header.opcode == Opcode::close && !close_codes_[static_cast<std::size_t>(from)];
}

void ApplicationNarrator::count(const SeenFrame& frame) {
  ++counts_.frames;
  counts_.frame_headers += frame.header_size;
  const bool control = is_control(frame.header.opcode);
  (control ? counts_.control_payloads : counts_.messages) += frame.header.payload_length;
  seen_.masked = seen_.masked || frame.header.masked;
  seen_.text = seen_.text || frame.text != TextState::none;
  seen_.compressed = seen_.compressed || frame.inflated.has_value();
  seen_.pinged = seen_.pinged || frame.header.opcode == Opcode::ping;
}

std::string ApplicationNarrator::shown_payload(const SeenFrame& frame) const {
  const bool text = frame.message_opcode == Opcode::text || is_control(frame.header.opcode);
  const bool inflated = frame.inflated && frame.inflate_fault.empty();
  const Bytes payload = inflated ? Bytes(*frame.inflated) : Bytes(frame.payload);
  const std::uint64_t size = inflated ? frame.inflated_size : frame.header.payload_length;
  if (size == 0) return "";
  if (text) return "\"" + one_line(as_text(payload), shown_, size) + "\"";
  return hex_beginning(payload, shown_, size);
}

std::string ApplicationNarrator::frame_meaning(Side from, const SeenFrame& frame) const {
  switch (frame.header.opcode) {
    case Opcode::text:
    case Opcode::binary:
      return frame.header.fin ? "a whole message" : "the beginning of a message; more parts follow";
    case Opcode::continuation:
      return frame.header.fin ? "the last part of a message" : "a part of a message; more follow";
    case Opcode::ping:
      return "“Are you still there? Send this back to me.”";
    case Opcode::pong:
      return "“I am. Here is what you have sent.”";
    case Opcode::close:
      return close_codes_[static_cast<std::size_t>(other(from))]
                 ? "“Then I am done, too.” TCP may end now"
                 : "“I am done: I send no more messages.”";
  }
  return "an opcode that nothing is defined for: to be closed with 1002";
}

Line ApplicationNarrator::frame_line(Side from, const SeenFrame& frame) const {
  std::string what;
  if (const auto code = close_code(frame)) {
    what = std::to_string(*code) + " (" + close_code_words(*code) + ")";
    const Bytes reason = Bytes(frame.payload).subspan(2);
    if (!reason.empty()) what += " \"" + one_line(as_text(reason)) + "\"";
  } else {
    what = shown_payload(frame);
  }
  if (!what.empty()) what += "   ";
  what += std::to_string(frame.header_size) + "+" + std::to_string(frame.header.payload_length) +
          " bytes";
  if (frame.inflated && frame.inflate_fault.empty()) {
    what += ", inflated to " + std::to_string(frame.inflated_size);
  }
  if (!frame.header.fin) what += ", FIN 0";
  Line line = make_line(7, opcode_name(frame.header.opcode), what, frame_meaning(from, frame));
  const std::string fault = frame_fault(from, frame);
  if (!fault.empty()) line.meaning += ", but " + fault;
  line.details = bit_box(frame, std::min(shown_, max_box_bytes));
  for (std::string& text : mask_lines(frame, std::min(shown_, max_mask_bytes))) {
    line.details.push_back(std::move(text));
  }
  return line;
}

Line ApplicationNarrator::presentation_line(const SeenFrame& frame) {
  std::string what = text_words(frame.text);
  if (is_control(frame.header.opcode)) what = "as it is";
  if (!frame.inflate_fault.empty()) {
    what = "the compression is broken: " + frame.inflate_fault;
  } else if (frame.inflated) {
    what = "inflated from " + bytes_text(frame.header.payload_length) + " to " +
           std::to_string(frame.inflated_size) + "; " + what;
  }
  const std::string name = frame.inflated        ? "COMPRESSED"
                           : frame.header.masked ? "MASKED"
                                                 : "NOT MASKED";
  if (frame.header.masked) {
    what = "unmasked with " + hex_beginning(frame.header.masking_key, 4, 4) + "; " + what;
  }
  return make_line(6, name, what, "");
}

Line ApplicationNarrator::session_line(Side from, const SeenFrame& frame) {
  const auto index = static_cast<std::size_t>(from);
  const auto answering = static_cast<std::size_t>(other(from));
  const std::string payload(as_text(frame.payload));
  if (frame.header.opcode == Opcode::ping) {
    if (pings_[index].size() < max_open_pings) pings_[index][payload] = now_;
    return make_line(5, "SESSION", "heartbeat: a ping is under way", "");
  }
  if (frame.header.opcode == Opcode::pong) {
    const auto ping = pings_[answering].find(payload);
    if (ping == pings_[answering].end()) {
      return make_line(5, "SESSION", "heartbeat: a pong that nobody asked for", "a sign of life");
    }
    const auto took = now_ - ping->second;
    pings_[answering].erase(ping);
    return make_line(5, "SESSION", "heartbeat: answered after " + time_text(took),
                     "the other program is alive, and not only its machine");
  }
  if (frame.header.opcode != Opcode::close) {
    return make_line(5, "SESSION", "a control frame that nothing is defined for", "");
  }
  close_codes_[index] = close_code(frame).value_or(1005);
  seen_.closed = close_codes_[answering].has_value();
  return make_line(5, "SESSION",
                   seen_.closed ? "ends: both have said Close" : "closing: one side has said Close",
                   seen_.closed ? "TCP is ended next" : "the other side will answer with Close");
}

}  // namespace duplex::tools::trace

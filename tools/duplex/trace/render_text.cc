// A story for a terminal.
#include <algorithm>
#include <limits>
#include <utility>

#include "../capture/pcapng_writer.h"
#include "duplex/version.h"
#include "measure/format.h"
#include "render.h"
#include "words.h"

namespace duplex::tools::trace {
namespace {

constexpr std::size_t number_width = 4;
constexpr std::size_t time_width = 10;
constexpr std::size_t indentation = 8;  // of what stands below a line

constexpr std::string_view dim = "2";
constexpr std::string_view bold = "1";

constexpr std::size_t layer_width = 18;  // of a layer's number and name, in the summary

// As many whole words of `text` as fit into `room` columns; `text` keeps the others. Rather than
// elsewhere it is cut where three spaces are.
std::string take_words(std::string& text, std::size_t room) {
  if (measure::display_width(text) <= room) return std::exchange(text, "");
  std::size_t taken = 0;
  std::size_t next = 0;
  for (std::size_t end = 0; end < text.size(); end = next) {
    next = std::min(text.find(' ', end + 1), text.size());
    if (measure::display_width(text.substr(0, next)) > room) break;
    if (text[next - 1] != ' ') taken = next;
  }
  const std::size_t group = text.rfind("   ", taken);
  if (group != std::string::npos) taken = group;
  std::string words = text.substr(0, taken);
  text.erase(0, std::min(text.find_first_not_of(' ', taken), text.size()));
  return words;
}

std::string arrow(Side from) { return from == Side::client ? "C→S" : "C←S"; }

}  // namespace

std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    begin = end + 1;
    const bool fits = measure::display_width(line) + 1 + measure::display_width(word) <= width;
    if (!line.empty() && !fits) {
      line.erase(line.find_last_not_of(' ') + 1);
      lines.push_back(std::exchange(line, ""));
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string TextTeller::colored(std::string_view text, std::string_view code) const {
  if (!view_.color || code.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

// Colours that can be told apart by most people: blue, magenta, cyan, yellow.
std::string TextTeller::layer_code(int layer) const {
  switch (layer) {
    case 7:
      return "36";
    case 6:
    case 5:
      return "35";
    case 4:
      return "33";
    default:
      return "34";
  }
}

// For what is kept whole where no terminal breaks it, so that it can be searched for.
std::size_t TextTeller::room_after(std::size_t column) const {
  if (!view_.terminal) return std::numeric_limits<std::size_t>::max();
  return view_.width - std::min(view_.width, column);
}

void TextTeller::add_wrapped(std::string& out, const std::string& text,
                             std::string_view code) const {
  for (const std::string& part : wrapped(text, view_.width - indentation)) {
    out += std::string(indentation, ' ') + colored(part, code) + "\n";
  }
}

std::string TextTeller::beginning(const Story& story) {
  std::string text = "client " + colored(story.client, bold) + " (C), server " +
                     colored(story.server, bold) + " (S)\n\n";
  return text + colored("   #       time  OSI  dir  what", bold) + "\n";
}

std::string TextTeller::line(const Step& step, const Line& line, bool first) {
  std::string out = first ? measure::pad_left(std::to_string(step.number), number_width) + " " +
                                measure::pad_left(time_text(step.time), time_width)
                          : std::string(number_width + 1 + time_width, ' ');
  out += "  " + colored("L" + std::to_string(line.layer), layer_code(line.layer)) + "   " +
         arrow(step.from) + "  ";
  const std::size_t prefix = number_width + 1 + time_width + 2 + 2 + 3 + 3 + 2;
  out += colored(line.name, layer_code(line.layer));
  std::size_t column = prefix + measure::display_width(line.name);
  std::string rest = line.what;
  const std::string part = take_words(rest, room_after(column + 2));
  if (!part.empty()) out += "  " + part;
  column += 2 + measure::display_width(part);
  const bool beside =
      rest.empty() && column + 3 + measure::display_width(line.meaning) <= view_.width;
  if (beside && !line.meaning.empty()) out += "   " + colored(line.meaning, dim);
  out += "\n";
  add_wrapped(out, rest, "");
  if (!beside) add_wrapped(out, line.meaning, dim);
  for (const std::string& detail : line.details) {
    const bool fits = measure::display_width(detail) <= room_after(indentation);
    if (fits) out += std::string(indentation, ' ') + detail + "\n";
    if (!fits) add_wrapped(out, detail, "");
  }
  if (!view_.explain) return out;
  if (!line.states.empty()) add_wrapped(out, line.states, "");
  if (explained_.insert(line.name).second) add_wrapped(out, line.explanation, dim);
  return out;
}

std::string TextTeller::step(const Step& step) {
  std::string out;
  for (const Line& item : step.lines) {
    if (view_.layers.count(item.layer) != 0) out += line(step, item, out.empty());
  }
  return out;
}

std::string TextTeller::ending(const Story& story) const {
  std::string out = "\n" + colored("The seven layers, and what is real of them here", bold) + "\n";
  for (const LayerSummary& layer : story.layers) {
    std::string before = "  " +
                         colored("L" + std::to_string(layer.layer), layer_code(layer.layer)) + " " +
                         measure::pad_right(layer.name, 13);
    for (const std::string& part : wrapped(layer.what, room_after(layer_width))) {
      out += std::exchange(before, std::string(layer_width, ' ')) + part + "\n";
    }
  }
  out += "\n";
  for (const std::string& total : story.totals) {
    for (const std::string& part : wrapped(total, view_.width)) out += part + "\n";
  }
  for (const std::string& remark : story.remarks) {
    for (const std::string& part : wrapped("Note: " + remark + ".", view_.width)) {
      out += part + "\n";
    }
  }
  return out;
}

std::string render_text(const Story& story, const View& view) {
  TextTeller teller(view);
  std::string out = teller.beginning(story);
  for (const Step& step : story.steps) out += teller.step(step);
  return out + teller.ending(story);
}

std::string render_pcapng(const Story& story) {
  if (story.packets.empty()) return "";
  std::string comment = "client " + story.client + ", server " + story.server;
  for (const LayerSummary& layer : story.layers) {
    comment += "\nL" + std::to_string(layer.layer) + " " + layer.name + ": " + layer.what;
  }
  for (const std::string& total : story.totals) comment += "\n" + total;
  for (const std::string& remark : story.remarks) comment += "\n" + remark;
  return write_pcapng(
      story.packets,
      {.application = "duplex " DUPLEX_VERSION, .comment = comment, .interface = story.interface});
}

}  // namespace duplex::tools::trace

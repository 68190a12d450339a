// Edits a line.
#include "line_editor.h"

#include <algorithm>
#include <utility>

#include "measure/format.h"

namespace duplex::tools {
namespace {

constexpr std::size_t max_history = 1000;

constexpr char control(char letter) noexcept { return static_cast<char>(letter & 0x1f); }
constexpr char escape = '\x1b';
constexpr char backspace = '\x7f';

bool continues_character(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

// The longest beginning that all of them share.
std::string common_beginning(const std::vector<std::string_view>& texts) {
  std::string_view common = texts.front();
  for (const std::string_view text : texts) {
    const auto ends = std::ranges::mismatch(common, text);
    common = common.substr(0, static_cast<std::size_t>(ends.in1 - common.begin()));
  }
  return std::string(common);
}

}  // namespace

std::vector<EditorEvent> LineEditor::feed(std::string_view bytes) {
  std::vector<EditorEvent> events;
  for (const char byte : bytes) take_byte(byte, events);
  return events;
}

void LineEditor::take_byte(char byte, std::vector<EditorEvent>& events) {
  if (!escape_.empty() || byte == escape) return take_escape(byte);
  const bool is_control = static_cast<unsigned char>(byte) < 0x20 || byte == backspace;
  is_control ? take_control(byte, events) : insert({&byte, 1});
}

// ESC [ parameters final, ESC O final, or ESC and a letter (Alt).
void LineEditor::take_escape(char byte) {
  if (byte == escape) {
    escape_ = byte;
    return;
  }
  escape_ += byte;
  const bool introduced = escape_.size() == 2 && (byte == '[' || byte == 'O');
  const bool ends = byte >= '@' && byte <= '~';
  if (introduced || (escape_.size() > 2 && !ends)) return;
  const std::string sequence = std::exchange(escape_, {});
  if (sequence.size() > 2) {
    return take_sequence(std::string_view(sequence).substr(2, sequence.size() - 3), byte);
  }
  if (byte == 'b') cursor_ = word_before(cursor_);
  if (byte == 'f') cursor_ = word_after(cursor_);
  if (byte == 'd') erase_range(cursor_, word_after(cursor_));
  if (byte == backspace) erase_range(word_before(cursor_), cursor_);
}

void LineEditor::take_sequence(std::string_view parameters, char final) {
  const bool by_word = parameters.ends_with(";5") || parameters.ends_with(";3");
  if (final == 'A') move_through_history(-1);
  if (final == 'B') move_through_history(1);
  if (final == 'C') cursor_ = by_word ? word_after(cursor_) : after(cursor_);
  if (final == 'D') cursor_ = by_word ? word_before(cursor_) : before(cursor_);
  const bool home = final == 'H' || (final == '~' && (parameters == "1" || parameters == "7"));
  const bool end = final == 'F' || (final == '~' && (parameters == "4" || parameters == "8"));
  if (home) cursor_ = 0;
  if (end) cursor_ = line_.size();
  if (final == '~' && parameters == "3") erase_range(cursor_, after(cursor_));
}

void LineEditor::take_control(char byte, std::vector<EditorEvent>& events) {
  using Kind = EditorEvent::Kind;
  if (byte == '\r' || byte == '\n') return enter(events);
  if (byte == '\t') return complete(events);
  if (byte == control('L')) return events.push_back({.kind = Kind::clear_screen});
  if (byte == control('Z')) return events.push_back({.kind = Kind::suspend});
  if (byte == control('D') && line_.empty()) return events.push_back({.kind = Kind::end});
  edit(byte);
}

void LineEditor::edit(char byte) {
  switch (byte) {
    case control('A'):
      cursor_ = 0;
      return;
    case control('E'):
      cursor_ = line_.size();
      return;
    case control('B'):
      cursor_ = before(cursor_);
      return;
    case control('F'):
      cursor_ = after(cursor_);
      return;
    case control('P'):
      return move_through_history(-1);
    case control('N'):
      return move_through_history(1);
    case control('H'):
    case backspace:
      return erase_range(before(cursor_), cursor_);
    case control('D'):
      return erase_range(cursor_, after(cursor_));
    case control('K'):
      killed_ = line_.substr(cursor_);
      return erase_range(cursor_, line_.size());
    case control('U'):
      killed_ = line_.substr(0, cursor_);
      return erase_range(0, cursor_);
    case control('W'):
      killed_ = line_.substr(word_before(cursor_), cursor_ - word_before(cursor_));
      return erase_range(word_before(cursor_), cursor_);
    case control('Y'):
      return insert(killed_);
    default:
      return;
  }
}

void LineEditor::insert(std::string_view bytes) {
  line_.insert(cursor_, bytes);
  cursor_ += bytes.size();
}

void LineEditor::erase_range(std::size_t begin, std::size_t end) {
  line_.erase(begin, end - begin);
  cursor_ = begin;
}

void LineEditor::enter(std::vector<EditorEvent>& events) {
  remember(line_);
  events.push_back({.kind = EditorEvent::Kind::line, .text = line_});
  set_line({});
}

// --- History -------------------------------------------------------------------------------------

void LineEditor::remember(std::string line) {
  const bool is_new = !line.empty() && (history_.empty() || history_.back() != line);
  if (is_new) history_.push_back(std::move(line));
  if (history_.size() > max_history) history_.erase(history_.begin());
  place_ = history_.size();
}

void LineEditor::move_through_history(int step) {
  const bool possible = step < 0 ? place_ > 0 : place_ < history_.size();
  if (!possible) return;
  if (place_ == history_.size()) draft_ = line_;
  step < 0 ? --place_ : ++place_;
  set_line(place_ == history_.size() ? draft_ : history_[place_]);
}

void LineEditor::set_line(std::string line) {
  line_ = std::move(line);
  cursor_ = line_.size();
}

// --- Completion ----------------------------------------------------------------------------------

// Of the first word alone: that is where commands stand.
void LineEditor::complete(std::vector<EditorEvent>& events) {
  const std::string beginning = line_.substr(0, cursor_);
  if (!complete_ || beginning.empty() || beginning.find(' ') != std::string::npos) return;
  const std::vector<std::string_view> choices = complete_(beginning);
  if (choices.empty()) return;
  insert(common_beginning(choices).substr(beginning.size()));
  if (choices.size() == 1) return insert(" ");
  if (cursor_ > beginning.size()) return;
  std::string text;
  for (const std::string_view choice : choices) {
    if (!text.empty()) text += "  ";
    text += choice;
  }
  events.push_back({.kind = EditorEvent::Kind::choices, .text = std::move(text)});
}

// --- Characters and words ------------------------------------------------------------------------

std::size_t LineEditor::before(std::size_t at) const noexcept {
  while (at > 0 && continues_character(line_[--at])) continue;
  return at;
}

std::size_t LineEditor::after(std::size_t at) const noexcept {
  if (at < line_.size()) ++at;
  while (at < line_.size() && continues_character(line_[at])) ++at;
  return at;
}

std::size_t LineEditor::word_before(std::size_t at) const noexcept {
  while (at > 0 && line_[at - 1] == ' ') --at;
  while (at > 0 && line_[at - 1] != ' ') --at;
  return at;
}

std::size_t LineEditor::word_after(std::size_t at) const noexcept {
  while (at < line_.size() && line_[at] == ' ') ++at;
  while (at < line_.size() && line_[at] != ' ') ++at;
  return at;
}

// --- Drawing -------------------------------------------------------------------------------------

std::string LineEditor::draw(std::size_t columns) const {
  const std::size_t taken = measure::display_width(prompt_) + 1;
  const std::size_t room = columns > taken ? columns - taken : 1;
  std::size_t begin = cursor_;
  std::size_t left = 0;  // characters between the beginning and the cursor
  for (; left < room && begin > 0; ++left) begin = before(begin);
  std::size_t end = begin;
  std::size_t shown = 0;
  for (; shown < room && end < line_.size(); ++shown) end = after(end);
  std::string text = '\r' + prompt_ + line_.substr(begin, end - begin) + "\x1b[K";
  if (shown > left) text += "\x1b[" + std::to_string(shown - left) + 'D';
  return text;
}

}  // namespace duplex::tools

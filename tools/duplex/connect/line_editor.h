// A line under the cursor: keys in, lines out, with a history. Knows no terminal: what it shows is
// text. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::tools {

// What comes of keys.
struct EditorEvent {
  enum class Kind : std::uint8_t {
    line,          // was entered
    end,           // Ctrl-D on an empty line
    suspend,       // Ctrl-Z
    clear_screen,  // Ctrl-L
    choices,       // Tab, and there are several: `text` lists them
  };
  Kind kind = Kind::line;
  std::string text = {};
};

// Keys as those of Emacs, readline and most shells. Owner: an EditedInput. Thread: the loop's.
class LineEditor {
 public:
  // What a word that is completed with Tab may become.
  using Complete = std::function<std::vector<std::string_view>(std::string_view beginning)>;

  explicit LineEditor(std::string prompt, Complete complete = {})
      : prompt_(std::move(prompt)), complete_(std::move(complete)) {}

  // Bytes as they come from a terminal in raw mode: UTF-8 and escape sequences, cut anywhere.
  std::vector<EditorEvent> feed(std::string_view bytes);

  // Lines, the oldest first, that the arrow keys bring back.
  const std::vector<std::string>& history() const noexcept { return history_; }
  void remember(std::string line);

  const std::string& line() const noexcept { return line_; }
  std::size_t cursor() const noexcept { return cursor_; }  // bytes before it

  // Draws the line anew, in place, in at most `columns`: a long one shows what is around the
  // cursor.
  std::string draw(std::size_t columns) const;
  static std::string erase() { return "\r\x1b[K"; }

 private:
  void take_byte(char byte, std::vector<EditorEvent>& events);
  void take_escape(char byte);
  void take_sequence(std::string_view parameters, char final);
  void take_control(char byte, std::vector<EditorEvent>& events);
  void edit(char byte);
  void insert(std::string_view bytes);
  void enter(std::vector<EditorEvent>& events);
  void erase_range(std::size_t begin, std::size_t end);
  void move_through_history(int step);
  void complete(std::vector<EditorEvent>& events);
  void set_line(std::string line);

  std::size_t before(std::size_t at) const noexcept;  // the character that ends there
  std::size_t after(std::size_t at) const noexcept;
  std::size_t word_before(std::size_t at) const noexcept;
  std::size_t word_after(std::size_t at) const noexcept;

  std::string prompt_;
  Complete complete_;
  std::string line_;
  std::size_t cursor_ = 0;
  std::string killed_;  // by Ctrl-K, Ctrl-U and Ctrl-W, for Ctrl-Y
  std::vector<std::string> history_;
  std::size_t place_ = 0;  // in the history; its size: below it
  std::string draft_;      // what stood there before the arrow keys
  std::string escape_;     // an escape sequence under way
};

}  // namespace duplex::tools

// A story as text, JSON or HTML. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "story.h"

namespace duplex::tools::trace {

struct View {
  std::set<int> layers = {4, 7};  // that are shown
  bool explain = false;
  bool color = false;       // text: ANSI colours
  std::size_t width = 100;  // text: columns, at which words are wrapped
  bool terminal = false;    // text: packets' own lines are wrapped, too
};

// Text, step by step, as they happen. Owner: the command.
class TextTeller {
 public:
  explicit TextTeller(View view) : view_(std::move(view)) {}

  std::string beginning(const Story& story);
  std::string step(const Step& step);  // empty when none of its layers is shown
  std::string ending(const Story& story) const;

 private:
  std::string line(const Step& step, const Line& line, bool first);
  std::string colored(std::string_view text, std::string_view code) const;
  std::string layer_code(int layer) const;
  std::size_t room_after(std::size_t column) const;
  void add_wrapped(std::string& out, const std::string& text, std::string_view code) const;

  View view_;
  std::set<std::string> explained_ = {};  // each kind of line once
};

std::string render_text(const Story& story, const View& view);
std::string render_json(const Story& story, const View& view);
std::string render_html(const Story& story, const View& view);  // no script, nothing from outside
// As it was captured, with the story as comments. Empty when nothing was captured.
std::string render_pcapng(const Story& story);

// Breaks at spaces, into lines of at most `width` columns where the words allow it.
std::vector<std::string> wrapped(const std::string& text, std::size_t width);

}  // namespace duplex::tools::trace

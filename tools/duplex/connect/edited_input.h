// Lines that a person types, with a prompt that stays below what is shown.
#pragma once

#include <optional>
#include <string>

#include "input.h"
#include "line_editor.h"
#include "stdin_reader.h"
#include "terminal_mode.h"

namespace duplex::tools {

// Stdin and stderr must be terminals. Owner: the command, which ends it before the loop. Thread:
// the loop's.
class EditedInput final : public Input {
 public:
  // `complete`: what a word that is completed with Tab may become.
  explicit EditedInput(LineEditor::Complete complete);
  ~EditedInput();
  EditedInput(const EditedInput&) = delete;
  EditedInput& operator=(const EditedInput&) = delete;

  void start(net::EventLoop& loop, InputHandlers handlers) override;
  void acknowledge() override {}                    // nobody types faster than lines can be kept
  bool has_more() const override { return false; }  // what is typed is not said before its end

  // Around whatever else goes to the terminal.
  void hide();
  void show();

 private:
  void take(const std::string& bytes);
  void handle(const EditorEvent& event);
  void suspend();
  void finish();

  LineEditor editor_;
  InputHandlers handlers_;
  bool ready_ = false;   // a prompt is wanted
  bool shown_ = false;   // and there
  bool taking_ = false;  // keys are being handled: the prompt comes back after that
  std::optional<KeyMode> mode_;
  std::optional<StdinReader> reader_;  // last: it uses the others
};

}  // namespace duplex::tools

// A prompt.
#include "edited_input.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

#include "../command.h"

namespace duplex::tools {
namespace {

void write_terminal(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

constexpr const char* prompt = "> ";

}  // namespace

EditedInput::EditedInput(LineEditor::Complete complete) : editor_(prompt, std::move(complete)) {}

EditedInput::~EditedInput() {
  reader_.reset();
  finish();
}

void EditedInput::start(net::EventLoop& loop, InputHandlers handlers) {
  handlers_ = std::move(handlers);
  mode_.emplace(STDIN_FILENO);
  ready_ = true;
  show();
  reader_.emplace(loop, StdinReader::Handlers{.on_bytes = [this](auto bytes) { take(bytes); },
                                              .on_end =
                                                  [this] {
                                                    finish();
                                                    handlers_.on_end();
                                                  }});
}

void EditedInput::hide() {
  if (std::exchange(shown_, false)) write_terminal(LineEditor::erase());
}

void EditedInput::show() {
  if (!ready_ || taking_) return;
  shown_ = true;
  write_terminal(editor_.draw(terminal_columns(STDERR_FILENO)));
}

void EditedInput::take(const std::string& bytes) {
  reader_->acknowledge();
  taking_ = true;
  const std::vector<EditorEvent> events = editor_.feed(bytes);
  if (!events.empty()) hide();
  for (const EditorEvent& event : events) {
    if (ready_) handle(event);
  }
  taking_ = false;
  show();
}

void EditedInput::handle(const EditorEvent& event) {
  switch (event.kind) {
    case EditorEvent::Kind::line:
      write_terminal(prompt + event.text + '\n');
      return handlers_.on_lines({event.text});
    case EditorEvent::Kind::end:
      finish();
      return handlers_.on_end();
    case EditorEvent::Kind::suspend:
      return suspend();
    case EditorEvent::Kind::clear_screen:
      return write_terminal("\x1b[H\x1b[2J");
    case EditorEvent::Kind::choices:
      return write_terminal(event.text + '\n');
  }
}

// The whole job, as the terminal itself would; what follows comes when it goes on.
void EditedInput::suspend() {
  mode_->leave();
  kill(0, SIGTSTP);
  mode_->enter();
}

void EditedInput::finish() {
  hide();
  ready_ = false;
  mode_.reset();
}

}  // namespace duplex::tools

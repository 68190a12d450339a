// `duplex connect` without a terminal: conversations with a server of the test, in virtual time.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "../../tools/duplex/connect/conversation.h"
#include "../../tools/duplex/connect/socket_tap.h"
#include "duplex/duplex.h"
#include "simulation/kernel.h"
#include "simulation/world.h"

namespace duplex::tools {

// Keeps what a person would have seen.
class HeardConsole final : public Console {
 public:
  Written show(std::string_view line) override {
    shown.emplace_back(line);
    return Written::yes;
  }
  void note(std::string_view line) override { notes.emplace_back(line); }
  void tell(std::string_view line) override { told.emplace_back(line); }
  void complain(std::string_view line) override { complaints.emplace_back(line); }
  bool shows_to_a_person() const noexcept override { return person; }

  std::vector<std::string> shown;
  std::vector<std::string> notes;
  std::vector<std::string> told;
  std::vector<std::string> complaints;
  bool person = false;
};

// Says its blocks of lines one after the other, then ends if it shall.
class SaidInput final : public Input {
 public:
  void start(net::EventLoop& loop, InputHandlers handlers) override {
    loop_ = &loop;
    handlers_ = std::move(handlers);
    acknowledge();
  }
  bool has_more() const override { return false; }
  void acknowledge() override {
    loop_->run_after(pace, [this] { next(); });
  }

  std::vector<std::vector<std::string>> blocks;
  std::chrono::milliseconds pace{0};  // before each of them, and before the end
  bool ends = true;

 private:
  void next() {
    if (said_ < blocks.size()) return handlers_.on_lines(blocks[said_++]);
    if (ends) handlers_.on_end();
  }

  net::EventLoop* loop_ = nullptr;
  InputHandlers handlers_;
  std::size_t said_ = 0;
};

// A server and a conversation with it, 5 ms apart, on one loop.
class Talk {
 public:
  Talk() {
    options.url = "ws://127.0.0.1/";
    options.write_raw = [this](Bytes bytes) { return tap.write_raw(bytes); };
  }

  // Echoes, unless told otherwise.
  void serve(WebSocketHandlers handlers = {
                 .on_message = [](Connection& peer, Message message) { peer.send(message); }}) {
    server.websocket("/", std::move(handlers));
  }
  ExitCode run() {
    Conversation conversation(loop, options, console, input);
    conversation.start();
    loop.run();
    figures = conversation.figures();
    return conversation.exit_code();
  }
  ExitCode say(std::vector<std::string> lines) {
    input.blocks = {std::move(lines)};
    return run();
  }

  simulation::World world{{.seed = 1, .link = {.delay = std::chrono::milliseconds(5)}}};
  simulation::Kernel kernel{world};
  SocketTap tap{kernel};
  EventLoop loop{tap};
  Server server{loop, {.port = 80}};
  ConversationOptions options;
  HeardConsole console;
  SaidInput input;
  ConversationFigures figures;
};

}  // namespace duplex::tools

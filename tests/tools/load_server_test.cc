// duplex load beside a server that ends under it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "../../tools/duplex/command.h"
#include "child.h"
#include "duplex/duplex.h"

namespace duplex::tools {
namespace {

// An echo server that tells its port, and ends itself at the hundredth message.
ExitCode serve_until_killed(int port_goes_to) {
  EventLoop loop;
  Server server(loop, {.port = 0});
  int count = 0;
  server.websocket("/", {.on_message = [&count](Connection& peer, Message message) {
                     if (++count == 100) raise(SIGKILL);
                     peer.send(message);
                   }});
  dprintf(port_goes_to, "%d\n", server.port());
  loop.run();
  return ExitCode::ok;
}

class LoadServer : public testing::Test {
 protected:
  ~LoadServer() override {
    for (const int fd : {port_[0], port_[1], output_[0]}) close(fd);
  }
  // What it prints; nobody has asked the server how it ended.
  std::string load(const std::string& format) {
    const std::string url = "ws://127.0.0.1:" + first_line(port_[0]) + "/";
    const std::string process = std::to_string(server_.pid());
    const Child load([&] {
      dup2(output_[1], 1);
      return load_command(std::vector<std::string_view>{"-c", "4", "-d", "1s", "--server-pid",
                                                        process, "--format", format, url});
    });
    close(output_[1]);
    std::string text;
    for (char c = 0; read(output_[0], &c, 1) == 1;) text += c;
    EXPECT_EQ(load.wait(), static_cast<int>(ExitCode::threshold_missed)) << text;
    EXPECT_EQ(server_.wait(), -SIGKILL);
    return text;
  }

  std::array<int, 2> port_ = new_pipe();
  std::array<int, 2> output_ = new_pipe();
  Child server_ = Child([this] { return serve_until_killed(port_[1]); });
};

TEST_F(LoadServer, SaysThatItHasEnded) {
  const std::string text = load("text");
  EXPECT_NE(text.find("server        the server has ended\n"), std::string::npos) << text;
  EXPECT_NE(text.find("memory slope  –\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("server memory"), std::string::npos) << text;
}

TEST_F(LoadServer, HasNoFiguresOfWhatHasEnded) {
  const std::string json = load("json");
  for (const std::string_view name :
       {"server_resident_bytes", "server_descriptors", "server_bytes_per_second"}) {
    EXPECT_NE(json.find("\"" + std::string(name) + "\": null"), std::string::npos) << json;
  }
  EXPECT_NE(json.find("\"server_end\": \"unknown\""), std::string::npos) << json;
}

}  // namespace
}  // namespace duplex::tools

// duplex load as a process with processes of its own: how it ends, and that nothing outlives it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "../../tools/duplex/command.h"
#include "../../tools/duplex/poll_set.h"
#include "child.h"
#include "duplex/net/linux_kernel.h"

namespace duplex::tools {
namespace {

// Two processes of clients, whose connections are taken and never answered.
class LoadProgram : public testing::Test {
 protected:
  ~LoadProgram() override {
    for (const int fd : {output_[0], listener_}) close(fd);
  }

  // Goes on when all clients are under way.
  void start(const char* output_file = nullptr) {
    const std::string url = "ws://" + address_.text() + "/";
    load_.emplace([&] {
      dup2(output_file == nullptr ? output_[1] : open(output_file, O_WRONLY), 1);
      for (const int fd : {output_[0], output_[1], listener_}) close(fd);
      return load_command(std::vector<std::string_view>{"-c", "4", "--processes", "2", url});
    });
    close(output_[1]);
    for (int i = 0; i < 4; ++i) {
      pollfd waited = {.fd = listener_, .events = POLLIN, .revents = 0};
      ASSERT_EQ(poll(&waited, 1, 60'000), 1);
      ASSERT_GE(kernel_.accept(listener_, nullptr), 0);
    }
  }
  // Until nobody is left who could write any.
  std::string all_output() {
    std::string text;
    for (char c = 0; read(output_[0], &c, 1) == 1;) text += c;
    return text;
  }

  net::LinuxKernel kernel_;
  net::Address address_ = *net::Address::parse("127.0.0.1", 0);
  int listener_ = listen_on(kernel_, address_);
  std::array<int, 2> output_ = new_pipe();
  std::optional<Child> load_;
};

TEST_F(LoadProgram, SaysWhatItHasWhenItIsInterrupted) {
  start();
  load_->kill(SIGTERM);
  EXPECT_EQ(load_->wait(), static_cast<int>(ExitCode::interrupted));
  EXPECT_NE(all_output().find("0 opened, 0 failed, 0 dropped, 0 open at the end, 4 still to be"),
            std::string::npos);
}

TEST_F(LoadProgram, TakesItsProcessesWithIt) {
  start();
  load_->kill(SIGKILL);
  EXPECT_EQ(load_->wait(), -SIGKILL);
  EXPECT_EQ(all_output(), "");  // which has an end
}

TEST_F(LoadProgram, NoticesThatItsReportIsNotWritten) {
  start("/dev/full");
  load_->kill(SIGINT);
  EXPECT_EQ(load_->wait(), static_cast<int>(ExitCode::usage));
}

}  // namespace
}  // namespace duplex::tools

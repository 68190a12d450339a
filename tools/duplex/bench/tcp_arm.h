// Clients of plain TCP: lines come, nothing goes. The floor under every transport.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "../poll_set.h"
#include "arm.h"
#include "socket_meter.h"

namespace duplex::tools {

// A thread reads and takes the time; the loop gets the lines.
class TcpArm final : public Arm {
 public:
  TcpArm(EventLoop& loop, const ArmSettings& settings, ArmHandlers handlers);
  ~TcpArm() override;

  std::size_t ready_count() const noexcept override { return connected_count_; }

 private:
  struct Reader {
    int fd = -1;
    bool connected = false;
    std::string unfinished = {};
  };

  void read_until_stopped();
  void on_ready(std::size_t index, std::uint32_t events);
  void read(std::size_t index);
  void give_up(std::size_t index, std::string why);

  EventLoop& loop_;
  MeteredKernel kernel_;
  PollSet poll_;
  std::vector<Reader> readers_;
  std::atomic<std::size_t> connected_count_ = 0;
  std::atomic<bool> stopping_ = false;
  // What is still posted when this goes must not find it: the tasks hold a copy, and look.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::thread thread_;
};

}  // namespace duplex::tools

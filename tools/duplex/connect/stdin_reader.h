// Stdin for a loop that must not block: a thread reads, the loop takes.
#pragma once

#include <atomic>
#include <functional>
#include <semaphore>
#include <string>
#include <thread>

#include "duplex/duplex.h"

namespace duplex::tools {

// One block of bytes is under way at a time: the thread reads on when the last block has been
// acknowledged. Owner and thread: the loop's.
class StdinReader {
 public:
  struct Handlers {
    std::function<void(std::string bytes)> on_bytes;  // acknowledge() is owed
    std::function<void()> on_end;                     // of the input
  };

  StdinReader(EventLoop& loop, Handlers handlers);
  ~StdinReader();
  StdinReader(const StdinReader&) = delete;
  StdinReader& operator=(const StdinReader&) = delete;

  void acknowledge() {
    under_way_ = false;
    acknowledged_.release();
  }
  // Bytes have come that have not been acknowledged, or not even been read.
  bool has_more() const;

 private:
  void read_until_end();
  bool wait_for_input();

  EventLoop& loop_;
  Handlers handlers_;
  int stop_event_ = -1;
  std::atomic<bool> under_way_ = false;  // a block has been read, and is not acknowledged
  std::counting_semaphore<> acknowledged_{0};
  std::thread thread_;
};

}  // namespace duplex::tools

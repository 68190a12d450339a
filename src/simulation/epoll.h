// What can stand behind a descriptor and be waited for, and level-triggered epoll over such things.
// Events are reported in the order in which things became ready, as Linux does.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "duplex/net/kernel.h"

namespace duplex::simulation {

class Epoll;

// Anything behind a descriptor. Owner: the descriptor table, and the network while it has business.
class Pollable {
 public:
  Pollable() = default;
  Pollable(const Pollable&) = delete;
  Pollable& operator=(const Pollable&) = delete;
  virtual ~Pollable();

  virtual std::string_view kind() const noexcept = 0;
  virtual std::uint32_t readiness() const { return 0; }  // bits of Ready
  virtual bool can_be_watched() const noexcept { return true; }
  virtual void on_descriptor_closed() {}

  void leave_epolls();

 protected:
  // To be called after whatever may have made more bits of readiness() true.
  void changed();

 private:
  friend class Epoll;
  std::vector<std::pair<Epoll*, int>> watchers_;  // with the descriptor's number in each
};

class Epoll final : public Pollable {
 public:
  ~Epoll() override;

  std::string_view kind() const noexcept override { return "epoll"; }
  bool can_be_watched() const noexcept override { return false; }

  // Each returns 0 or minus the errno that epoll_ctl(2) lists.
  int add(int fd, Pollable& target, net::Ready interest);
  int modify(int fd, net::Ready interest);
  int remove(int fd);

  int collect(std::span<net::Ready> ready);
  void touch(int fd);
  std::size_t watch_count() const noexcept { return watches_.size(); }

 private:
  struct Watch {
    Pollable* target = nullptr;
    net::Ready interest;
    std::uint64_t serial = 0;
    bool listed = false;
  };
  struct Candidate {
    int fd = -1;
    std::uint64_t serial = 0;  // of the watch it meant; the number may have been reused since
  };

  static std::uint32_t events_of(const Watch& watch);
  void list(int fd, Watch& watch);  // if there is something to report

  std::map<int, Watch> watches_;
  std::deque<Candidate> candidates_;  // may be ready: looked at in this order
  std::uint64_t last_serial_ = 0;
};

}  // namespace duplex::simulation

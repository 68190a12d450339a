// Clients of plain TCP.
#include "tcp_arm.h"

#include <span>
#include <system_error>
#include <utility>

#include "../address_text.h"
#include "../feed_event.h"
#include "net/connector.h"
#include "net/stream.h"

namespace duplex::tools {

class TcpArm::Reader final : private net::ConnectorOwner, private net::StreamOwner {
 public:
  Reader(TcpArm& arm, std::size_t index, net::Reactor& reactor, const net::Address& address)
      : arm_(arm),
        index_(index),
        reactor_(reactor),
        connector_(reactor, *this),
        stream_(reactor, *this) {
    constexpr auto limit = std::chrono::seconds(10);
    connector_.start(std::span(&address, 1), reactor.fair_now() + limit);
  }

 private:
  void on_connected(int fd, const net::Address&) override {
    if (const std::error_code error = stream_.open(fd)) return give_up(error.message());
    ++arm_.ready_count_;
  }
  void on_connect_failed(std::error_code error) override { give_up(error.message()); }

  MutableBytes on_bytes(MutableBytes bytes) override {
    const std::string_view text = as_text(bytes);
    const std::size_t end = text.rfind('\n');
    if (end == std::string_view::npos) {
      unfinished_ += text;
    } else {
      deliver(text.substr(0, end));
      unfinished_ = text.substr(end + 1);
    }
    if (unfinished_.size() > max_event_size) refuse_line();
    return {};
  }
  void on_end_of_stream() override { give_up("the server closed a TCP connection"); }
  void on_drained() override {}
  void on_closed(std::error_code error) override { give_up(error.message()); }

  void deliver(std::string_view lines) {
    const auto received = reactor_.kernel().now();
    if (unfinished_.empty()) return arm_.handlers_.deliver(index_, lines, received);
    unfinished_ += lines;
    arm_.handlers_.deliver(index_, unfinished_, received);
  }

  void refuse_line() {
    give_up("a line of more than " + std::to_string(max_event_size) + " B, the largest event");
    stream_.close();
  }

  void give_up(const std::string& why) { arm_.handlers_.fail("plain TCP: " + why); }

  TcpArm& arm_;
  std::size_t index_;
  net::Reactor& reactor_;
  net::Connector connector_;
  net::Stream stream_;
  std::string unfinished_ = {};  // the beginning of a line
};

TcpArm::TcpArm(EventLoop& loop, const ArmSettings& settings, ArmHandlers handlers)
    : Arm(std::move(handlers)) {
  const net::Address address = resolve_address(loop.kernel(), settings.tcp);
  for (std::size_t i = 0; i < settings.client_count; ++i) {
    readers_.push_back(std::make_unique<Reader>(*this, i, loop.reactor(), address));
  }
}

TcpArm::~TcpArm() = default;

}  // namespace duplex::tools

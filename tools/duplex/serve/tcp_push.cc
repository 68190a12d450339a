// The feed's lines pushed over plain TCP.
#include "tcp_push.h"

#include <string>
#include <system_error>

#include "net/stream.h"

namespace duplex::tools {

// It asks for nothing: what it sends is read and forgotten.
class TcpPush::Peer final : private net::StreamOwner {
 public:
  explicit Peer(net::Reactor& reactor) : stream_(reactor, *this) {}

  std::error_code open(int fd) { return stream_.open(fd); }
  bool is_open() const noexcept { return stream_.is_open(); }

  // False, without a word to it, when it lets too much wait.
  bool push(const SharedBytes& text) {
    SendQueue& queue = stream_.queue();
    if (!queue.empty() && queue.size() + text->size() > send_limit) {
      stream_.close();
      return false;
    }
    queue.append(text);
    stream_.request_flush();
    return true;
  }

 private:
  MutableBytes on_bytes(MutableBytes) override { return {}; }
  void on_end_of_stream() override { stream_.close(); }
  void on_drained() override {}
  void on_closed(std::error_code) override {}

  net::Stream stream_;
};

TcpPush::TcpPush(EventLoop& loop, std::string_view host, std::uint16_t port)
    : reactor_(loop.reactor()),
      listener_(reactor_, *this, {.host = std::string(host), .port = port}) {}

TcpPush::~TcpPush() = default;

void TcpPush::on_accept(int fd, const net::Address&) {
  drop_closed();
  auto peer = std::make_unique<Peer>(reactor_);
  if (!peer->open(fd)) peers_.push_back(std::move(peer));
}

void TcpPush::drop_closed() {
  std::erase_if(peers_, [](const auto& peer) { return !peer->is_open(); });
}

void TcpPush::push(std::string_view text) {
  drop_closed();
  if (peers_.empty()) return;
  const Bytes bytes = as_bytes(text);
  const auto shared = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
  for (const auto& peer : peers_) {
    if (!peer->push(shared)) continue;
    bytes_sent_ += text.size();
    ++message_count_;
  }
}

}  // namespace duplex::tools

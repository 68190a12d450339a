// Bare sockets; see sockets.h.
#include "sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "duplex/websocket/frame.h"

namespace duplex::bench {
namespace {

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) give_up("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) give_up("setrlimit");
}

void set_non_blocking(int fd) {
  if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) give_up("fcntl");
}

int listen_on_loopback(std::uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || bind(fd, raw, size) != 0 || listen(fd, 4096) != 0) give_up("listen");
  if (getsockname(fd, raw, &size) != 0) give_up("getsockname");
  port = ntohs(address.sin_port);
  set_non_blocking(fd);
  return fd;
}

int connect_to_loopback(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const auto* raw = reinterpret_cast<const sockaddr*>(&address);
  if (fd < 0 || connect(fd, raw, sizeof address) != 0) give_up("connect");
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) give_up("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string receive_exactly(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t got = 0; got < size;) {
    const ssize_t count = recv(fd, bytes.data() + got, size - got, 0);
    if (count <= 0) give_up("recv");
    got += static_cast<std::size_t>(count);
  }
  return bytes;
}

void open_websocket(int fd, std::string_view path) {
  send_all(fd, "GET " + std::string(path) +
                   " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                   "Sec-WebSocket-Version: 13\r\n\r\n");
  std::string head;
  while (!head.ends_with("\r\n\r\n")) head += receive_exactly(fd, 1);
  if (head.starts_with("HTTP/1.1 101")) return;
  std::fprintf(stderr, "the server refused a WebSocket: %s", head.c_str());
  std::exit(1);
}

std::string receive_frame(int fd) {
  const auto byte_at = [](const std::string& bytes, std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i]));
  };
  std::size_t size = byte_at(receive_exactly(fd, 2), 1);
  if (size == 126) {
    const std::string extended = receive_exactly(fd, 2);
    size = byte_at(extended, 0) << 8 | byte_at(extended, 1);
  }
  return receive_exactly(fd, size);
}

void open_socketio(int fd) {
  open_websocket(fd, "/socket.io/?EIO=4&transport=websocket");
  receive_frame(fd);  // 0{"sid":...
  send_all(fd, masked_frame(true, "40"));
  const std::string answer = receive_frame(fd);
  if (answer.starts_with("40{")) return;
  std::fprintf(stderr, "the server refused a namespace: %s\n", answer.c_str());
  std::exit(1);
}

std::string masked_frame(bool text, std::string_view payload) {
  const websocket::MaskingKey key = {std::byte{0x37}, std::byte{0xfa}, std::byte{0x21},
                                     std::byte{0x3d}};
  const websocket::FrameHeader header{
      .opcode = text ? websocket::Opcode::text : websocket::Opcode::binary,
      .masked = true,
      .masking_key = key,
      .payload_length = payload.size()};
  std::array<std::byte, websocket::max_frame_header_size> bytes;
  const std::size_t size = websocket::encode_frame_header(header, bytes);
  std::string frame(as_text(Bytes(bytes).first(size)));
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ std::to_integer<char>(key[i % key.size()]));
  }
  return frame;
}

std::size_t unmasked_size(std::size_t payload_size) {
  return websocket::frame_header_size({.payload_length = payload_size}) + payload_size;
}

std::string ascii_text(std::size_t size) {
  std::string text;
  while (text.size() < size) text += "the quick brown fox jumps over the lazy dog ";
  return text.substr(0, size);
}

std::string non_ascii_text(std::size_t size) {
  constexpr std::string_view words =
      "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 "
      "\xe4\xbd\xa0\xe5\xa5\xbd ";
  std::string text;
  while (text.size() + words.size() <= size) text += words;
  return text + std::string(size - text.size(), '.');
}

}  // namespace duplex::bench

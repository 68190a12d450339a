// A pair of veth interfaces, one of them in another namespace: a netlink message (rtnetlink(7)).
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/socket.h>

#include <cstring>
#include <vector>

#include "interfaces.h"

namespace duplex::tools::wire {
namespace {

// A message whose attributes may contain others. Each begins at a multiple of four bytes.
class LinkMessage {
 public:
  LinkMessage() {
    nlmsghdr header = {};
    header.nlmsg_type = RTM_NEWLINK;
    header.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
    add(header);
    add(ifinfomsg{});
  }

  template <class T>
  void add(const T& content) {
    add_bytes(&content, sizeof content);
  }
  template <class T>
  void attribute(unsigned type, const T& content) {
    const std::size_t start = begin(type);
    add(content);
    end(start);
  }
  void text(unsigned type, const std::string& content) {
    const std::size_t start = begin(type);
    add_bytes(content.c_str(), content.size() + 1);
    end(start);
  }
  // What is added until end() is the content of the attribute.
  std::size_t begin(unsigned type) {
    const std::size_t start = bytes_.size();
    add(rtattr{.rta_len = 0, .rta_type = static_cast<unsigned short>(type)});
    return start;
  }
  void end(std::size_t start) {
    const auto length = static_cast<unsigned short>(bytes_.size() - start);
    std::memcpy(bytes_.data() + start, &length, sizeof length);
    bytes_.resize((bytes_.size() + 3) & ~std::size_t{3});
  }
  const std::vector<char>& finish() {
    const auto length = static_cast<std::uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &length, sizeof length);
    return bytes_;
  }

 private:
  void add_bytes(const void* bytes, std::size_t size) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + size);
    std::memcpy(bytes_.data() + at, bytes, size);
  }

  std::vector<char> bytes_;
};

// Throws what the kernel answers, unless that is a yes.
void ask(const std::vector<char>& message) {
  const Descriptor socket =
      own(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "netlink");
  if (send(socket.get(), message.data(), message.size(), 0) < 0) throw_unavailable("veth", errno);
  struct {
    nlmsghdr header;
    nlmsgerr error;
  } answer = {};
  if (recv(socket.get(), &answer, sizeof answer, MSG_TRUNC) < 0) throw_unavailable("veth", errno);
  if (answer.error.error != 0) throw_unavailable("veth", -answer.error.error);
}

}  // namespace

void make_veth(const std::string& near, const std::string& far, const Descriptor& other) {
  LinkMessage message;
  message.text(IFLA_IFNAME, near);
  const std::size_t info = message.begin(IFLA_LINKINFO);
  message.text(IFLA_INFO_KIND, "veth");
  const std::size_t data = message.begin(IFLA_INFO_DATA);
  const std::size_t peer = message.begin(VETH_INFO_PEER);
  message.add(ifinfomsg{});
  message.text(IFLA_IFNAME, far);
  message.attribute(IFLA_NET_NS_FD, other.get());
  message.end(peer);
  message.end(data);
  message.end(info);
  ask(message.finish());
}

}  // namespace duplex::tools::wire

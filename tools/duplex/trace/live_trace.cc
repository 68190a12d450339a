// Capture, client, server: and the story of what happened.
#include "live_trace.h"

#include <atomic>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "../address_text.h"
#include "../capture/packet_capture.h"
#include "../units.h"
#include "duplex/http/url.h"
#include "duplex/net/linux_kernel.h"
#include "narrator.h"
#include "recording_kernel.h"

namespace duplex::tools::trace {
namespace {

using std::chrono::milliseconds;

// What is captured while the connection lives, read by a thread so that nothing is dropped.
class Listening {
 public:
  Listening(const CapturePlace& place, std::uint16_t port)
      : capture_(place, port), interface_(place.interface), thread_([this] { run(); }) {}
  ~Listening() { finish(); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  // Once nothing has come for a while, as the last acknowledgements follow the end; a second later
  // at most, for others may talk to the same port.
  std::vector<CapturedPacket> finish() {
    ended_ = std::chrono::steady_clock::now();
    ending_ = true;
    if (thread_.joinable()) thread_.join();
    return std::exchange(packets_, {});
  }
  std::uint32_t dropped() noexcept { return capture_.take_dropped(); }
  std::size_t untold() const noexcept { return untold_; }
  const std::string& interface() const noexcept { return interface_; }

 private:
  void run() {
    std::vector<CapturedPacket> read;
    while (capture_.read(milliseconds(100), read) || !ending_) {
      for (CapturedPacket& packet : read) keep(std::move(packet));
      read.clear();
      if (ending_ && std::chrono::steady_clock::now() - ended_ > milliseconds(1000)) break;
    }
  }
  void keep(CapturedPacket packet) {
    kept_ += sizeof(packet) + packet.bytes.size();
    if (kept_ > most_kept_bytes) {
      ++untold_;
    } else {
      packets_.push_back(std::move(packet));
    }
  }

  PacketCapture capture_;
  std::string interface_;
  std::vector<CapturedPacket> packets_ = {};
  std::size_t kept_ = 0;  // bytes of what was read
  std::size_t untold_ = 0;
  std::chrono::steady_clock::time_point ended_ = {};  // read once `ending_`
  std::atomic<bool> ending_ = false;
  std::thread thread_;  // last: it uses the others
};

struct Attempt {
  std::unique_ptr<Listening> listening = {};
  std::string refusal = {};  // why nothing is captured
};

// `who_may` is told to whom it is refused.
Attempt listen_to(const http::Url& url, std::string_view who_may) {
  if (url.is_unix()) return {.refusal = "a Unix-domain socket has no packets"};
  try {
    net::LinuxKernel kernel;
    const std::string host =
        url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
    const net::Address address = resolve_address(kernel, host + ":" + std::to_string(url.port));
    return {.listening = std::make_unique<Listening>(place_towards(address), url.port)};
  } catch (const std::system_error& error) {
    return {.refusal = std::string("packets could not be captured (") + error.what() + "); " +
                       std::string(who_may)};
  }
}

void add_untold(std::size_t count, std::string_view what, Story& story) {
  if (count == 0) return;
  story.remarks.push_back(std::to_string(count) + " more " + std::string(what) +
                          " were left out: " + spell_size(most_kept_bytes) + " are kept at most");
}

Story tell_captured(Listening& listening, const RecordingKernel& kernel, std::size_t shown) {
  Narrator narrator({.client = kernel.client(), .shown = shown});
  for (const CapturedPacket& packet : listening.finish()) narrator.add(packet);
  Story story = narrator.finish();
  story.interface = listening.interface();
  if (const std::uint32_t dropped = listening.dropped(); dropped > 0) {
    story.remarks.push_back("there was no room for " + std::to_string(dropped) + " packets");
  }
  add_untold(listening.untold(), "packets", story);
  return story;
}

Story tell_recorded(const RecordingKernel& kernel, const std::string& refusal, std::size_t shown) {
  Story story = tell_socket(kernel.events(), shown);
  story.client = kernel.client().text();
  story.server = kernel.server().text();
  story.remarks.push_back(refusal +
                          ": told is what passed through the socket, and what the kernel says of "
                          "TCP (TCP_INFO); there are no sequence numbers");
  add_untold(kernel.untold(), "system calls", story);
  return story;
}

LiveResult trace_connection(const Script& script, std::size_t shown, std::string_view who_may) {
  Attempt attempt = listen_to(*http::parse_url(script.url), who_may);
  net::LinuxKernel system;
  RecordingKernel kernel(system);
  LiveResult result;
  {
    EventLoop loop(kernel);
    ScriptedClient client(loop, script);
    client.start();
    loop.run();
    result.problem = client.problem();
    result.exit = client.exit_code();
  }
  result.story = attempt.listening ? tell_captured(*attempt.listening, kernel, shown)
                                   : tell_recorded(kernel, attempt.refusal, shown);
  return result;
}

}  // namespace

LiveResult trace_url(const Script& script, std::size_t shown) {
  return trace_connection(script, shown,
                          "root may, whoever has CAP_NET_RAW, and 'duplex trace' without a URL in "
                          "a network of its own");
}

LiveResult trace_own_server(Script script, std::size_t shown) {
  EventLoop loop;
  Server server(loop);
  server.websocket("/",
                   {.on_message = [](Connection& peer, Message message) { peer.send(message); }},
                   {.deflate = websocket::DeflateOptions{.threshold = 0}});
  script.url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/";
  std::thread thread([&loop] { loop.run(); });
  LiveResult result = trace_connection(script, shown, "root may, and whoever has CAP_NET_RAW");
  loop.stop();
  thread.join();
  return result;
}

}  // namespace duplex::tools::trace

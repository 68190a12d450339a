// duplex serve: echo, feed, lab page, time and metrics until a signal ends it.
#include <sys/prctl.h>

#include <array>
#include <atomic>
#include <csignal>
#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "../command.h"
#include "../event_content.h"
#include "../feed_event.h"
#include "../options.h"
#include "../spinning_kernel.h"
#include "../wishes.h"
#include "chaos.h"
#include "serve_loop.h"

namespace duplex::tools {
namespace {

constexpr std::string_view summary =
    "WebSocket echo at / and /echo, and one stream of events over four transports:\n"
    "/feed/ws (WebSocket), /feed/sse (Server-Sent Events), /feed/lp (long polling) and\n"
    "/feed/sp (short polling); /feed/latest is its newest event alone. The lab page at / shows\n"
    "them in a race. /time, /metrics and /client (your address) beside it. Ends with SIGTERM,\n"
    "Ctrl-C or its terminal: the first drains, for 3s at most; a second one drops what is left.";

constexpr std::string_view examples =
    "  duplex serve                                   # lab page: http://127.0.0.1:9001\n"
    "  duplex serve --port 0 --threads 2              # any free port, two loops\n"
    "  duplex serve --rate 10/s --dist poisson        # a busier feed with random gaps\n"
    "  duplex serve --unix /tmp/duplex.sock           # no port at all\n"
    "  duplex serve --socketio                        # io('http://127.0.0.1:9001') in a page\n"
    "  duplex serve --trust-proxy 127.0.0.1           # behind nginx or haproxy, on this machine\n"
    "  curl -N http://127.0.0.1:9001/feed/sse         # watch the feed\n"
    "  curl 'http://127.0.0.1:9001/feed/lp?after=0'   # everything it still has\n";

// Options as they were typed.
struct Typed {
  ServeOptions options = {};
  std::uint64_t port = 9001;
  std::uint64_t tcp_port = no_tcp_port;
  std::string distribution = "periodic";
  std::uint64_t event_size = 64;
  std::string content = "letter";
  std::uint64_t history = 4096;
  bool with_parent = false;
  std::vector<std::string> chaos_words = {};
  Chaos chaos = {};
  std::string wait = "sleep";
  bool socketio = false;
  std::string redis = {};
  std::string adapter = "pubsub";

  static constexpr std::uint64_t no_tcp_port = 65536;
};

OptionParser make_parser(Typed& typed) {
  OptionParser parser("duplex serve", std::string(summary), std::string(examples));
  FeedOptions& feed = typed.options.feed;
  parser.heading("Where")
      .text("--host", "ADDRESS", typed.options.host,
            "IPv4 or IPv6 address to listen on, '::' for all (127.0.0.1)")
      .count("-p, --port", typed.port, 0, 65535, "0 picks a free one (9001)")
      .text("--unix", "PATH", typed.options.unix_path, "a Unix-domain socket instead")
      .count("-t, --threads", typed.options.threads, 1, 1024, "loops that share the port (1)")
      .choice("--wait", {"sleep", "spin"}, typed.wait,
              "until something comes: sleep, or ask again and again, which\n"
              "burns a processor for each loop to save microseconds (sleep)")
      .flag("--reuse-port", typed.options.reuse_port,
            "share the port with other processes that do so, too (SO_REUSEPORT)")
      .texts("--for-host", "HOST", typed.options.hosts,
             "answer for this host only, others get 421: keeps pages out\n"
             "whose name was made to point here; repeatable (any)")
      .texts("--trust-proxy", "ADDRESS[/BITS]", typed.options.trusted_proxies,
             "believe its X-Forwarded-For: an address, a network,\n"
             "or 'unix' with --unix; repeatable (nobody)")
      .flag("--proxy-protocol", typed.options.proxy_protocol,
            "these proxies begin with a PROXY header, version 1 or 2")
      .size("--max-message", typed.options.max_message_size, 1, 1U << 30,
            "largest WebSocket message that is echoed (64MiB); elsewhere\n"
            "nobody expects more than 4KiB, and it ends with 1009")
      .duration("--ping-interval", typed.options.ping_interval,
                "silence after which a WebSocket is pinged; 20s later it is\n"
                "dropped, unless something came; 0: never (25s)")
      .flag("--socketio", typed.socketio,
            "speak Socket.IO at /socket.io/, too: the events echo, join,\n"
            "leave and chat, in the namespaces / and /chat; and the feed\n"
            "at /feed/socket.io/")
      .text("--redis", "URL", typed.redis,
            "share its rooms with other servers, of Node.js too, by this\n"
            "Redis: redis://[[user]:password@]host[:port][/database]")
      .choice("--adapter", {"pubsub", "sharded", "streams"}, typed.adapter,
              "how: as @socket.io/redis-adapter on channels, on sharded\n"
              "ones, or as @socket.io/redis-streams-adapter (pubsub)");
  parser.heading("Feed")
      .rate("-r, --rate", feed.rate, "events per second (4/s)")
      .choice("--dist", {"periodic", "poisson"}, typed.distribution,
              "equal gaps or random ones (periodic)")
      .size("--size", typed.event_size, 0, max_event_size,
            "bytes of one event, 512KiB at most; its numbers are never cut (64)")
      .choice("--content", {"letter", "json", "random"}, typed.content,
              "what fills an event: one letter, telemetry, or what hardly\n"
              "compresses (letter)")
      .flag("--deflate", feed.deflate,
            "/feed/ws compresses (permessage-deflate) for clients that offer\n"
            "it, messages of 128 bytes to 1 MiB")
      .duration("--coalesce", feed.coalesce,
                "let pushed events wait this long, and send them together (0)")
      .duration("--poll-timeout", feed.poll_timeout,
                "a long poll without events is answered after this time (25s)")
      .count("--history", typed.history, 1, 100'000'000,
             "events kept for those who come late, in 256 MiB at most (4096);\n"
             "for one reader 1 MiB waits at most, then it is given them as it\n"
             "reads; who needs what is gone is ended: 1013, end of the stream")
      .count("--seed", feed.seed, 0, 1'000'000'000, "of the random gaps (1)");
  parser.heading("Faults on purpose")
      .list("--chaos", "FAULT,FAULT", typed.chaos_words,
            "nagle (TCP_NODELAY is never set), split-writes (two bytes\n"
            "leave ahead of the rest), lone-writes (a pushed event never\n"
            "shares a write with another), stall=TIME@PERIOD (the loops\n"
            "stand still for TIME, every PERIOD)");
  parser.hidden()
      .count("--tcp-port", typed.tcp_port, 0, 65535, "pushes the feed over plain TCP, too")
      .flag("--with-parent", typed.with_parent, "ends when the parent process does");
  return parser;
}

// What cannot be meant, or nothing.
std::string problem_with(Typed& typed) {
  const ServeOptions& options = typed.options;
  if (!net::Address::parse(options.host, 0)) {
    return "--host: '" + options.host + "' is neither an IPv4 or IPv6 address nor localhost";
  }
  if (!options.unix_path.empty() && options.threads > 1) {
    return "--unix and --threads above 1 exclude each other";
  }
  if (!typed.socketio && (!typed.redis.empty() || typed.adapter != "pubsub")) {
    return "--redis and --adapter need --socketio";
  }
  if (typed.redis.empty() && typed.adapter != "pubsub") return "--adapter needs --redis";
  if (options.proxy_protocol && options.trusted_proxies.empty()) {
    return "--proxy-protocol needs --trust-proxy: from whom?";
  }
  const std::string problem = set_chaos(typed.chaos, typed.chaos_words);
  return problem.empty() ? problem : "--chaos: " + problem;
}

ServeOptions finish(const Typed& typed) {
  ServeOptions options = typed.options;
  options.port = static_cast<std::uint16_t>(typed.port);
  if (typed.tcp_port != Typed::no_tcp_port) {
    options.tcp_port = static_cast<std::uint16_t>(typed.tcp_port);
  }
  if (typed.socketio) {
    options.socketio = std::make_shared<SocketCluster>();
    options.socketio->is_alone = options.threads == 1;
    options.socketio->redis = typed.redis;
    options.socketio->adapter = typed.adapter;
  }
  options.feed.poisson = typed.distribution == "poisson";
  options.feed.event_size = typed.event_size;
  options.feed.content = *content_of(typed.content);
  options.feed.history = typed.history;
  options.feed.lone_writes = typed.chaos.lone_writes;
  options.feed.start = net::Clock::now();
  return options;
}

Written announce(const ServeOptions& options, const ServeLoop& loop) {
  std::string text = "listening on ";
  if (options.unix_path.empty()) {
    text += "http://" + loop.server().address().text();
  } else {
    text += "http+unix:" + options.unix_path + ":/";
  }
  text += '\n';
  if (const TcpPush* const push = loop.tcp_push()) {
    text += "pushing on tcp://" + push->address().text() + '\n';
  }
  return print(text);
}

// All loops are made before any of them runs: they ask each other for their counters.
void make_loops(ServeOptions options, std::deque<EventLoop>& threads, ServeLoops& loops) {
  loops.reserve(options.threads);
  for (EventLoop& thread : threads) {
    loops.push_back(std::make_unique<ServeLoop>(thread, options, loops));
    options.port = loops.front()->server().port();  // the others share the first one's
    options.tcp_port.reset();
  }
}

// Threads that run a loop each until it stops, but for the first one.
class LoopThreads {
 public:
  explicit LoopThreads(std::deque<EventLoop>& loops) : loops_(loops) {
    threads_.reserve(loops_.size());
  }
  ~LoopThreads() {
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      loops_[i + 1].stop();
      threads_[i].join();
    }
  }
  LoopThreads(const LoopThreads&) = delete;
  LoopThreads& operator=(const LoopThreads&) = delete;

  void start() {
    for (std::size_t i = 1; i < loops_.size(); ++i) {
      threads_.emplace_back([&loop = loops_[i]] { loop.run(); });
    }
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::deque<EventLoop>& loops_;
  std::vector<std::thread> threads_;
};

// A terminal that closes ends it too (SIGHUP), unless nohup has said that it shall not.
std::vector<int> ending_signals() {
  std::vector<int> signals = {SIGINT, SIGTERM};
  struct sigaction hang_up = {};
  sigaction(SIGHUP, nullptr, &hang_up);
  if (hang_up.sa_handler != SIG_IGN) signals.push_back(SIGHUP);
  return signals;
}

ExitCode run_loops(const ServeOptions& options, const Chaos& chaos, bool spins) {
  Wishes wishes;
  std::deque<std::unique_ptr<ChaosKernel>> kernels;
  std::deque<EventLoop> event_loops;
  while (event_loops.size() < options.threads) {
    event_loops.emplace_back(*kernels.emplace_back(make_kernel<ChaosKernel>(spins, chaos)));
  }
  // A second signal finds the first loop at work until all have drained.
  std::atomic<std::size_t> draining = options.threads;
  const auto drained = [&] {
    if (--draining != 0) return;
    for (EventLoop& loop : event_loops) loop.stop();
  };
  ServeLoops loops;
  // Blocked before any other thread starts, so that it inherits that.
  event_loops.front().on_signal(ending_signals(), [&](int signal) {
    // The shell, the kernel and systemd send SIGHUP beside each other: that is no impatience.
    if (signal == SIGHUP && wishes.count() != 0) return;
    if (!wishes.hear(event_loops.front().now())) return;
    const bool again = wishes.count() > 1;
    for (const auto& loop : loops) loop->stop(again ? std::function<void()>() : drained);
  });
  make_loops(options, event_loops, loops);
  LoopThreads others(event_loops);
  try {
    others.start();
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(), "--threads: " + std::to_string(options.threads));
  }
  // Nobody would know where it listens.
  if (announce(options, *loops.front()) == Written::no) return ExitCode::usage;
  event_loops.front().run();
  others.join();
  return wishes.count() > 1 ? ExitCode::interrupted : ExitCode::ok;
}

// What the library says of its own options, said of those that were typed.
std::string in_own_words(const Typed& typed, std::string_view what) {
  constexpr std::string_view proxies = "trusted_proxies: ";
  constexpr std::string_view hosts = "hosts: ";
  constexpr std::string_view redis = "redis: ";
  if (what.starts_with(proxies)) {
    return "--trust-proxy: " + std::string(what.substr(proxies.size()));
  }
  if (what.starts_with(hosts)) return "--for-host: " + std::string(what.substr(hosts.size()));
  if (!what.starts_with(redis)) return std::string(what);
  const std::size_t secret = typed.redis.rfind('@') + 1;  // what stands before it may be one
  return "--redis: '" + (secret == 0 ? "" : "..." + typed.redis.substr(secret - 1, 1)) +
         typed.redis.substr(secret) + "': " + std::string(what.substr(redis.size()));
}

}  // namespace

ExitCode serve_command(Arguments arguments) {
  Typed typed;
  OptionParser parser = make_parser(typed);
  ExitCode exit = ExitCode::ok;
  if (!parse_or_explain(parser, arguments, exit)) return exit;
  if (const std::string problem = problem_with(typed); !problem.empty()) {
    complain("duplex serve: " + problem);
    return ExitCode::usage;
  }
  if (typed.with_parent) prctl(PR_SET_PDEATHSIG, SIGTERM);
  try {
    return run_loops(finish(typed), typed.chaos, typed.wait == "spin");
  } catch (const std::invalid_argument& error) {
    complain("duplex serve: " + in_own_words(typed, error.what()));
    return ExitCode::usage;
  }
}

}  // namespace duplex::tools

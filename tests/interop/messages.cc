// Our side of the matrix of permessage-deflate: sends messages of every kind to a peer that sends
// each back, and says whether they came back the same. A path is what we do and what we let the
// peer do: /9-keep/15-reset is a window of 9 bits with context takeover for us, of 15 without for
// the peer; /off is no compression.
//
//   interop_messages serve          any of these paths; prints its port, ends with stdin
//   interop_messages connect URL... one after the other
//
// A line for each connection: "/9-keep/15-reset ok", or what went wrong.
#include <duplex/duplex.h>

#include <any>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using duplex::Opcode;
using duplex::websocket::DeflateOptions;

// --- Messages -----------------------------------------------------------------------------------

struct Sample {
  Opcode opcode;
  std::string bytes;
  bool in_fragments = false;
};

constexpr std::size_t sizes[] = {0, 1, 125, 126, 65535, 65536, 1 << 20};
constexpr int alike_count = 60;

std::string record(int number) {
  return R"({"stream":"trades","symbol":"DPLX","id":)" + std::to_string(100000 + number * 7) +
         R"(,"price":)" + std::to_string(20 + number % 13) + R"(.5,"venue":"XETR","side":"buy"})";
}

std::string repetitive(std::size_t size, Opcode opcode) {
  std::string bytes;
  for (int i = 0; bytes.size() < size; ++i) {
    bytes += opcode == Opcode::text ? record(i) : std::string(9, '\0') + std::string(3, '\xfe');
  }
  bytes.resize(size);
  return bytes;
}

// Text keeps to ASCII, and nothing here begins with the mark of a fragmented message.
std::string noise(std::size_t size, Opcode opcode, std::mt19937& random) {
  std::string bytes(size, '\0');
  for (char& c : bytes) {
    c = static_cast<char>(opcode == Opcode::text ? ' ' + random() % 90 : random() % 256);
  }
  if (!bytes.empty() && bytes[0] == '~') bytes[0] = '-';
  return bytes;
}

void add_alike(std::vector<Sample>& samples) {
  for (int i = 0; i < alike_count; ++i) samples.push_back({Opcode::text, record(i)});
}

// The peer sends these back in fragments, too, if it can.
void add_fragmented(std::vector<Sample>& samples, std::mt19937& random) {
  samples.push_back({Opcode::text, '~' + repetitive(3000, Opcode::text), true});
  samples.push_back({Opcode::binary, '~' + noise(3000, Opcode::binary, random), true});
  samples.push_back({Opcode::binary, '~' + repetitive(200000, Opcode::binary), true});
}

std::vector<Sample> make_samples() {
  std::mt19937 random(1);
  std::vector<Sample> samples;
  for (const std::size_t size : sizes) {
    for (const Opcode opcode : {Opcode::text, Opcode::binary}) {
      samples.push_back({opcode, repetitive(size, opcode)});
      samples.push_back({opcode, noise(size, opcode, random)});
    }
  }
  add_alike(samples);
  add_fragmented(samples, random);
  add_alike(samples);
  return samples;
}

const std::vector<Sample>& samples() {
  static const std::vector<Sample> made = make_samples();
  return made;
}

// --- A conversation -----------------------------------------------------------------------------

// So much is under way at once: many messages, but less than makes us stop reading from a peer that
// writes and does not read meanwhile.
constexpr std::size_t in_flight_size = 32 << 10;

struct Progress {
  std::size_t sent = 0;
  std::size_t received = 0;
  std::size_t in_flight = 0;  // bytes
};

void send(duplex::Connection& peer, const Sample& sample) {
  const duplex::Bytes bytes = duplex::as_bytes(sample.bytes);
  if (!sample.in_fragments) {
    peer.send({.opcode = sample.opcode, .payload = bytes});
    return;
  }
  const std::size_t third = bytes.size() / 3;
  peer.send_fragment(sample.opcode, bytes.first(third), false);
  peer.send_fragment(Opcode::continuation, bytes.subspan(third, third), false);
  peer.send_fragment(Opcode::continuation, bytes.subspan(2 * third), true);
}

void send_more(duplex::Connection& peer, Progress& progress) {
  while (progress.sent < samples().size()) {
    const Sample& next = samples()[progress.sent];
    if (progress.in_flight != 0 && progress.in_flight + next.bytes.size() > in_flight_size) return;
    send(peer, next);
    progress.in_flight += next.bytes.size();
    ++progress.sent;
  }
}

duplex::WebSocketHandlers conversation(const std::string& path, int& failure_count) {
  return {.on_open =
              [](duplex::Connection& peer, const duplex::http::Request&) {
                peer.user_data() = Progress{};
                send_more(peer, std::any_cast<Progress&>(peer.user_data()));
              },
          .on_message =
              [](duplex::Connection& peer, duplex::Message message) {
                auto& progress = std::any_cast<Progress&>(peer.user_data());
                const Sample& expected = samples()[progress.received];
                if (message.opcode != expected.opcode || message.text() != expected.bytes) {
                  return peer.close(duplex::CloseCode{4000}, "came back otherwise");
                }
                progress.in_flight -= expected.bytes.size();
                if (++progress.received == samples().size()) return peer.close();
                send_more(peer, progress);
              },
          .on_close =
              [path, &failure_count](duplex::Connection& peer, const duplex::CloseEvent& event) {
                const auto& progress = std::any_cast<Progress&>(peer.user_data());
                const bool ok = progress.received == samples().size() &&
                                event.code == duplex::CloseCode::normal_closure;
                if (!ok) ++failure_count;
                std::printf("%s %s", path.c_str(), ok ? "ok\n" : "");
                if (!ok) {
                  std::printf("closed with %d after %zu messages: %s%s\n",
                              static_cast<int>(event.code), progress.received,
                              std::string(event.reason).c_str(), event.error.message().c_str());
                }
                std::fflush(stdout);
              }};
}

// --- Paths --------------------------------------------------------------------------------------

std::string path_of(const DeflateOptions& options) {
  const auto side = [](int bits, bool keep) {
    return '/' + std::to_string(bits) + (keep ? "-keep" : "-reset");
  };
  return side(options.max_window_bits, options.context_takeover) +
         side(options.peer_max_window_bits, options.peer_context_takeover);
}

std::vector<DeflateOptions> all_options() {
  std::vector<DeflateOptions> all;
  for (int i = 0; i < 4 * 8 * 8; ++i) {
    all.push_back({.threshold = 0,
                   .context_takeover = i % 2 != 0,
                   .peer_context_takeover = i / 2 % 2 != 0,
                   .max_window_bits = 8 + i / 4 % 8,
                   .peer_max_window_bits = 8 + i / 32});
  }
  return all;
}

// Nothing for /off, and for what is no such path.
std::optional<DeflateOptions> options_for(std::string_view url) {
  for (const DeflateOptions& options : all_options()) {
    if (url.ends_with(path_of(options))) return options;
  }
  return std::nullopt;
}

// --- Roles --------------------------------------------------------------------------------------

int serve() {
  duplex::EventLoop loop;
  duplex::Server server(loop);
  int failure_count = 0;
  server.websocket("/off", conversation("/off", failure_count));
  for (const DeflateOptions& options : all_options()) {
    const std::string path = path_of(options);
    server.websocket(path, conversation(path, failure_count), {.deflate = options});
  }
  std::printf("%u\n", static_cast<unsigned>(server.port()));
  std::fflush(stdout);
  const std::jthread watch([&] {
    while (std::getchar() != EOF) {
    }
    loop.stop();
  });
  loop.run();
  return failure_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool connect(const std::string& url) {
  duplex::EventLoop loop;
  duplex::Client client(loop);
  int failure_count = 0;
  const std::string path = url.substr(url.find('/', std::string_view("ws://").size()));
  duplex::ClientHandlers handlers = {.websocket = conversation(path, failure_count),
                                     .on_failure = [&](const duplex::OpeningFailure& failure) {
                                       std::printf("%s %s\n", path.c_str(),
                                                   failure.message.c_str());
                                       ++failure_count;
                                       loop.stop();
                                     }};
  handlers.websocket.on_close = [&loop, say = handlers.websocket.on_close](
                                    duplex::Connection& peer, const duplex::CloseEvent& event) {
    say(peer, event);
    loop.stop();
  };
  client.connect(url, std::move(handlers), {.deflate = options_for(url)});
  loop.run();
  return failure_count == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words == std::vector<std::string>{"serve"}) return serve();
  if (words.size() < 2 || words[0] != "connect") {
    std::fprintf(stderr, "usage: interop_messages serve | connect URL...\n");
    return EXIT_FAILURE;
  }
  bool ok = true;
  for (std::size_t i = 1; i < words.size(); ++i) ok = connect(words[i]) && ok;
  return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

// What the most costly bytes that a peer can send cost whoever reads them: rows of the hostile
// tables that have a time of their own, the best round of each.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/rows.h"
#include "duplex/codec/inflate.h"
#include "duplex/http/parser.h"
#include "duplex/websocket/handshake.h"
#include "duplex/websocket/permessage_deflate.h"
#include "duplex/websocket/protocol.h"
#include "heading.h"
#include "thread_time.h"

namespace duplex::bench {
namespace {

constexpr std::size_t read_size = std::size_t{64} << 10;

[[noreturn]] void give_up(const char* why) {
  std::fprintf(stderr, "%s\n", why);
  std::exit(EXIT_FAILURE);
}

support::Json row_of(const char* file, const char* id) {
  for (const support::Json& row : support::load_rows(file).array) {
    if (row["id"].string == id) return row;
  }
  throw std::runtime_error(std::string("no row ") + id);
}

std::vector<std::byte> memory_of(const std::string& text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

struct WorstCase {
  const char* row;
  const char* what;
  double allowed;  // nanoseconds for each byte
  std::string bytes;
  void (*read)(MutableBytes);  // all of it, which may change it; gives up where it ends otherwise
};

// W39: the list of subprotocols is one long run of spaces.
void open(MutableBytes bytes) {
  static const std::vector<std::string> spoken = {"chat"};
  const http::ParserLimits limits;
  http::RequestParser parser(limits);
  parser.receive(bytes);
  const auto event = parser.next_event();
  if (!event || event->kind != http::Event::Kind::head) give_up("W39 has no head");
  if (websocket::accept_handshake(parser.request(), {.subprotocols = spoken}))
    give_up("W39 was accepted");
}

// D40: codes are built for blocks that hold nothing.
void inflate(MutableBytes bytes) {
  codec::Inflater inflater;
  std::array<std::byte, 64> output;
  const auto progress = inflater.inflate(bytes, output);
  if (progress.produced != 0 || inflater.end_message() != codec::InflateError::none) {
    give_up("D40 was not inflated");
  }
}

// F124: stored blocks that hold nothing, in one message.
void receive(MutableBytes bytes) {
  const websocket::ProtocolOptions options;
  const websocket::DeflateOptions deflate;
  websocket::DeflateWorkshop workshop;
  SendQueue queue;
  websocket::Protocol protocol(websocket::Role::server, options, queue, {});
  protocol.set_extension(make_permessage_deflate(websocket::Role::server, {}, deflate, workshop));
  int messages = 0;
  for (std::size_t at = 0; at < bytes.size(); at += read_size) {
    protocol.receive(bytes.subspan(at, std::min(read_size, bytes.size() - at)), {});
    while (const auto event = protocol.next_event()) {
      messages += event->kind != websocket::Event::Kind::close && event->payload.empty() ? 1 : 0;
    }
  }
  if (messages != 1) give_up("F124 was not received");
}

std::vector<WorstCase> worst_cases() {
  const support::Json flood = row_of("frames.json", "F124");
  return {{"W39", "8,000 spaces in a list of subprotocols", 1e6 / 8000,
           support::bytes_of(row_of("http_requests.json", "W39")["bytes"]), open},
          {"D40", "400 blocks of DEFLATE without anything", 2000,
           support::bytes_of(row_of("deflate.json", "D40")["bytes"]), inflate},
          {"F124", "150,000 empty stored blocks in a frame", 6,
           support::bytes_of(flood["steps"].array.at(0)["send"]), receive}};
}

// Nanoseconds for each byte, of the best round.
double measure(const WorstCase& worst, int rounds) {
  const std::size_t times = std::max<std::size_t>(1, 2'000'000 / worst.bytes.size());
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::vector<std::byte>> copies(times, memory_of(worst.bytes));
    const double start = thread_seconds();
    for (std::vector<std::byte>& copy : copies) worst.read(copy);
    best = std::min(best, thread_seconds() - start);
  }
  return best * 1e9 / static_cast<double>(times * worst.bytes.size());
}

}  // namespace
}  // namespace duplex::bench

int main(int argc, char** argv) {
  using namespace duplex::bench;
  print_heading("Worst cases: bytes of a hostile peer that are costly to read");
  bool all_within = true;
  for (const WorstCase& worst : worst_cases()) {
    const double each = measure(worst, is_quick(argc, argv) ? 3 : 20);
    const bool within = each <= worst.allowed;
    std::printf("%-5s %-40s %7zu B %9.3f ns/B %9.1f us   (at most %.0f ns/B%s)\n", worst.row,
                worst.what, worst.bytes.size(), each,
                each * static_cast<double>(worst.bytes.size()) / 1e3, worst.allowed,
                within ? "" : ": EXCEEDED");
    all_within = all_within && within;
  }
  return all_within ? EXIT_SUCCESS : EXIT_FAILURE;
}

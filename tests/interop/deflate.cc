// Deflates or inflates messages for zlib to check: each is 4 bytes of length, the least significant
// first, then so many bytes; likewise what comes out.
//
//   interop_deflate deflate LEVEL WINDOW_BITS keep|reset <messages >payloads
//   interop_deflate inflate WINDOW_BITS keep|reset <payloads >messages
#include "duplex/codec/deflate.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/codec/inflate.h"

namespace duplex::interop {
namespace {

std::optional<std::string> read_message() {
  unsigned char length[4];
  if (std::fread(length, 1, sizeof(length), stdin) != sizeof(length)) return std::nullopt;
  std::uint32_t size = 0;
  for (int i = 3; i >= 0; --i) size = size << 8 | length[i];
  std::string message(size, '\0');
  if (std::fread(message.data(), 1, size, stdin) != size) return std::nullopt;
  return message;
}

void write_message(std::string_view message) {
  unsigned char length[4];
  for (unsigned i = 0; i < 4; ++i) {
    length[i] = static_cast<unsigned char>(message.size() >> 8 * i & 0xff);
  }
  std::fwrite(length, 1, sizeof(length), stdout);
  std::fwrite(message.data(), 1, message.size(), stdout);
}

int deflate_all(const codec::DeflateOptions& options, bool keep) {
  codec::Deflater deflater(options);
  while (const auto message = read_message()) {
    std::vector<std::byte> output(codec::max_deflated_size(message->size(), options.window_bits));
    const auto progress = deflater.deflate(as_bytes(*message), output, codec::Flush::sync);
    if (progress.status != codec::DeflateStatus::flushed) return EXIT_FAILURE;
    write_message(as_text(Bytes(output).first(progress.produced - codec::flush_tail_size)));
    if (!keep) deflater.reset();
  }
  return EXIT_SUCCESS;
}

int inflate_all(const codec::InflateOptions& options) {
  codec::Inflater inflater(options);
  std::vector<std::byte> memory(std::size_t{4} << 20);
  while (const auto payload = read_message()) {
    const auto progress = inflater.inflate_behind(as_bytes(*payload), memory, 0);
    const Bytes message = Bytes(memory).first(progress.produced);
    if (const auto error = inflater.end_message(message); error != codec::InflateError::none) {
      std::fprintf(stderr, "%s\n", std::string(to_string(error)).c_str());
      return EXIT_FAILURE;
    }
    write_message(as_text(message));
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace duplex::interop

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  const auto number = [argv](int at) { return static_cast<unsigned>(std::atoi(argv[at])); };
  if (words.size() == 4 && words[0] == "deflate") {
    return duplex::interop::deflate_all({.level = number(2), .window_bits = number(3)},
                                        words[3] == "keep");
  }
  if (words.size() == 3 && words[0] == "inflate") {
    return duplex::interop::inflate_all(
        {.window_bits = number(2), .context_takeover = words[2] == "keep"});
  }
  std::fprintf(stderr, "usage: interop_deflate deflate|inflate ...\n");
  return EXIT_FAILURE;
}

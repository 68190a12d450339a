// Tests of the ring of the last output, beside a plain string.
#include "codec/inflate_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace duplex::codec {
namespace {

// The last `distance` bytes, put together from the views.
std::string last_bytes(const InflateWindow& window, std::size_t distance) {
  std::string out;
  while (out.size() < distance) out += as_text(window.at(distance - out.size()));
  return out;
}

TEST(InflateWindow, KeepsTheLastBytes) {
  std::minstd_rand random(1);
  for (const std::size_t limit : {256U, 1024U, 4096U}) {
    InflateWindow window;
    std::string all;
    for (int i = 0; i < 300; ++i) {
      std::string part(random() % (i % 10 == 0 ? 2 * limit : 100), '\0');
      for (char& c : part) c = static_cast<char>(random() >> 8 & 0xff);
      all += part;
      window.reserve(part.size(), limit);
      window.append(as_bytes(part));
      ASSERT_EQ(window.size(), std::min(all.size(), limit));
      if (window.size() == 0) continue;
      for (const std::size_t distance :
           {std::size_t{1}, window.size(), 1 + random() % window.size()}) {
        ASSERT_EQ(last_bytes(window, distance), all.substr(all.size() - distance));
      }
    }
  }
}

}  // namespace
}  // namespace duplex::codec

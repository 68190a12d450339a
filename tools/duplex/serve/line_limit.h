// So many lines in a second, and how many more there would have been: what others can make a
// program say fills a disk otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace duplex::tools {

class LineLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t most = 10;

  // What is to be said of it: nothing, the line, or before it how many were left out.
  std::string admit(std::string_view line, Time now) {
    std::string said;
    if (now - since_ >= std::chrono::seconds(1)) {
      if (count_ > most) said = "(" + std::to_string(count_ - most) + " more like this)\n";
      since_ = now;
      count_ = 0;
    }
    if (++count_ <= most) said += line;
    return said;
  }

 private:
  Time since_ = {};
  std::size_t count_ = 0;  // of this second
};

}  // namespace duplex::tools

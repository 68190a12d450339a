// Made-up data of the kinds that are worth compressing, and of the kind that is not.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::support {

// The same seed gives the same data, if the same compiler has made the program.
class Corpus {
 public:
  explicit Corpus(std::uint32_t seed) : random_(seed) {
    for (int i = 0; i < 3000; ++i) words_.push_back(new_word());
    for (int i = 0; i < 400; ++i) phrases_.push_back(word() + ' ' + word() + ' ' + word());
  }

  // Records of an application: events with identifiers, times, measurements, names, lists.
  std::string json(std::size_t size) {
    std::string out = "[";
    while (out.size() < size) out += record() + ",\n";
    out.resize(size);
    return out;
  }

  // Sentences of words, of which some are much more frequent than others.
  std::string text(std::size_t size) {
    std::string out;
    while (out.size() < size) out += sentence() + (below(6) == 0 ? "\n\n" : " ");
    out.resize(size);
    return out;
  }

  std::string noise(std::size_t size) {
    std::string out(size, '\0');
    for (char& c : out) c = static_cast<char>(random_() >> 8 & 0xff);
    return out;
  }

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

 private:
  std::string new_word() {
    static constexpr std::string_view onsets[] = {"",  "b", "c",  "d",  "f",  "g", "h",
                                                  "l", "m", "n",  "p",  "r",  "s", "t",
                                                  "v", "w", "st", "th", "tr", "pl"};
    static constexpr std::string_view cores[] = {"a",  "e",  "i",  "o",  "u",
                                                 "ea", "ou", "ai", "io", "e"};
    static constexpr std::string_view ends[] = {"",   "n",  "r",  "s", "t", "l",
                                                "nd", "ng", "ck", "d", "m", ""};
    std::string out;
    for (std::uint32_t i = 0, count = 1 + below(3) + below(2); i < count; ++i) {
      out += onsets[below(20)];
      out += cores[below(10)];
      out += ends[below(12)];
    }
    return out;
  }

  // The lower its number, the more frequent the word.
  const std::string& word() {
    const std::uint32_t bits = below(12);
    return words_[below(std::min<std::uint32_t>(1U << bits, 3000))];
  }

  std::string sentence() {
    std::string out;
    for (std::uint32_t i = 0, count = 4 + below(14); i < count; ++i) {
      if (i > 0) out += below(12) == 0 ? ", " : " ";
      out += below(5) == 0 ? phrases_[below(below(400) + 1)] : word();
    }
    out[0] = static_cast<char>(out[0] & ~0x20);
    return out + (below(8) == 0 ? "?" : ".");
  }

  std::string number(std::uint32_t limit) { return std::to_string(below(limit)); }

  std::string time() {
    std::string out =
        "2024-0" + std::to_string(1 + below(9)) + "-" + std::to_string(10 + below(18));
    return out + "T" + std::to_string(10 + below(14)) + ":" + std::to_string(10 + below(50)) + ":" +
           std::to_string(10 + below(50)) + "." + std::to_string(100 + below(900)) + "Z";
  }

  std::string identifier() {
    std::string out;
    for (int i = 0; i < 16; ++i) out += "0123456789abcdef"[below(16)];
    return out;
  }

  std::string record() {
    switch (below(4)) {
      case 0:
        return R"({"type":"message","id":")" + identifier() + R"(","room":"room-)" + number(50) +
               R"(","from":{"id":)" + number(100000) + R"(,"name":")" + word() + ' ' + word() +
               R"("},"sent":")" + time() + R"(","text":")" + sentence() + R"("})";
      case 1:
        return R"({"type":"tick","symbol":")" + word() + R"(","bid":)" + number(900) + '.' +
               number(9999) + R"(,"ask":)" + number(900) + '.' + number(9999) + R"(,"volume":)" +
               number(1000000) + R"(,"at":)" + "17" + number(100000000) + "}";
      case 2:
        return R"({"type":"position","vehicle":)" + number(500) + R"(,"lat":)" + number(90) + '.' +
               number(999999) + R"(,"lon":-)" + number(180) + '.' + number(999999) +
               R"(,"speed":)" + number(130) + R"(,"heading":)" + number(360) + R"(,"online":)" +
               (below(3) != 0 ? "true" : "false") + R"(,"driver":null})";
      default:
        return R"({"type":"presence","user":")" + word() + number(1000) +
               R"(@example.com","status":")" + (below(2) != 0 ? "online" : "away") +
               R"(","since":")" + time() + R"(","devices":[")" + word() + R"(","web"],"unread":)" +
               number(40) + "}";
    }
  }

  std::minstd_rand random_;
  std::vector<std::string> words_;
  std::vector<std::string> phrases_;
};

}  // namespace duplex::support

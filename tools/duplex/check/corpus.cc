// Messages that compress like those of the real world.
#include "corpus.h"

#include <array>
#include <cstdint>

namespace duplex::tools::suite {
namespace {

constexpr std::size_t corpus_size = 262144;

// A linear congruential generator, Knuth's constants: the same everywhere.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t limit) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state_ >> 33) % limit;
  }

 private:
  std::uint64_t state_;
};

constexpr std::array<std::string_view, 24> words = {
    "wind",  "river",  "over", "the",    "bridge", "late",  "lantern", "and",
    "stone", "window", "of",   "summer", "quiet",  "clock", "between", "harbour",
    "rope",  "under",  "a",    "letter", "salt",   "is",    "morning", "far"};

std::string_view word(Chance& chance) { return words[chance.below(words.size())]; }

std::string json_record(Chance& chance) {
  return "{\"id\": " + std::to_string(chance.below(1000000)) + ", \"name\": \"" +
         std::string(word(chance)) + ' ' + std::string(word(chance)) +
         "\", \"value\": " + std::to_string(chance.below(100)) + '.' +
         std::to_string(chance.below(1000)) + ", \"tags\": [\"" + std::string(word(chance)) +
         "\", \"" + std::string(word(chance)) +
         "\"], \"active\": " + (chance.below(2) == 0 ? "true" : "false") + "},\n";
}

std::string prose_line(Chance& chance) {
  std::string line;
  for (std::size_t i = 4 + chance.below(8); i != 0; --i) line += std::string(word(chance)) + ' ';
  line.back() = chance.below(3) == 0 ? '.' : ',';
  return line + '\n';
}

std::string html_element(Chance& chance) {
  const std::string name(word(chance));
  return "<div class=\"" + name + "\"><a href=\"/" + name + "/" +
         std::to_string(chance.below(500)) + "\">" + prose_line(chance) + "</a></div>\n";
}

// A row of a grey picture: each point is near its left neighbour.
std::string bitmap_row(Chance& chance) {
  std::string row;
  std::size_t grey = 64 + chance.below(128);
  for (std::size_t i = 0; i < 512; ++i) {
    grey = (grey + 255 + chance.below(3)) % 256;
    row += static_cast<char>(chance.below(4) == 0 ? grey : grey & 0xF0);
  }
  return row;
}

// Mostly noise, as what has been compressed already.
std::string archive_block(Chance& chance) {
  std::string block = "obj <<stream>>\n";
  for (std::size_t i = 0; i < 500; ++i) block += static_cast<char>(chance.below(256));
  return block;
}

std::string make(Corpus corpus) {
  using Piece = std::string (*)(Chance&);
  constexpr std::array<Piece, 5> pieces = {json_record, bitmap_row, prose_line, html_element,
                                           archive_block};
  const auto index = static_cast<std::size_t>(corpus);
  Chance chance(index + 1);
  std::string all;
  while (all.size() < corpus_size) all += pieces[index](chance);
  return all;
}

const std::string& text_of(Corpus corpus) {
  static const std::array<std::string, 5> all = {make(Corpus::json), make(Corpus::bitmap),
                                                 make(Corpus::prose), make(Corpus::html),
                                                 make(Corpus::archive)};
  return all[static_cast<std::size_t>(corpus)];
}

}  // namespace

std::string_view describe(Corpus corpus) noexcept {
  constexpr std::array<std::string_view, 5> names = {"JSON", "bitmap", "prose", "HTML", "archive"};
  return names[static_cast<std::size_t>(corpus)];
}

Item::Kind kind_of(Corpus corpus) noexcept {
  const bool is_text = corpus == Corpus::json || corpus == Corpus::html;
  return is_text ? Item::Kind::text : Item::Kind::binary;
}

std::string excerpt(Corpus corpus, std::size_t offset, std::size_t size) {
  const std::string& text = text_of(corpus);
  offset %= text.size();
  const std::string front = text.substr(offset, size);
  return front + text.substr(0, size - front.size());
}

}  // namespace duplex::tools::suite

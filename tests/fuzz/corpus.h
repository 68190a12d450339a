// The inputs that are kept, as text: one in each line, printable characters as they are, others as
// \r, \n, \t, \\ and \xNN. Lines that begin with '#' are remarks; a '\' at the end of a line goes
// on in the next one.
#pragma once

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::fuzz {

struct KeptInput {
  std::size_t line = 0;  // where it ends
  std::string bytes = {};
};

// Takes one character off the front. Throws std::runtime_error for an unknown escape.
inline char take_character(std::string_view& text) {
  const char c = text.front();
  text.remove_prefix(1);
  if (c != '\\') return c;
  constexpr std::string_view names = "rnt\\";
  constexpr std::string_view meanings = "\r\n\t\\";
  const char name = text.empty() ? '\0' : text.front();
  const std::size_t size = name == 'x' ? 3 : 1;
  if (text.size() < size) throw std::runtime_error("an escape is cut off");
  const std::string digits(text.substr(1, size - 1));
  text.remove_prefix(size);
  if (name == 'x') return static_cast<char>(std::strtoul(digits.c_str(), nullptr, 16));
  const std::size_t found = names.find(name);
  if (found == std::string_view::npos) throw std::runtime_error("an unknown escape");
  return meanings[found];
}

inline std::string unescape(std::string_view text) {
  std::string bytes;
  while (!text.empty()) bytes += take_character(text);
  return bytes;
}

// Whether a line goes on: it ends with a backslash that is not the second half of an escape.
inline bool goes_on(std::string_view line) {
  const std::size_t last = line.find_last_not_of('\\');
  const std::size_t count = line.size() - (last == std::string_view::npos ? 0 : last + 1);
  return count % 2 == 1;
}

// Reads tests/fuzz/<path>; none when there is no such file.
inline std::vector<KeptInput> load_inputs(const std::string& path) {
  std::vector<KeptInput> inputs;
  std::ifstream file("tests/fuzz/" + path);
  std::string text;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    text += line;
    if (goes_on(line)) {
      text.pop_back();
      continue;
    }
    inputs.push_back({number, unescape(text)});
    text.clear();
  }
  return inputs;
}

}  // namespace duplex::fuzz

// UTF-8 as RFC 3629 section 4 writes it down.
#include "utf8_reference.h"

#include <array>
#include <cstddef>

namespace duplex::tools::suite {
namespace {

// A line of the grammar: the first byte, the second one, and how many more follow.
struct Form {
  unsigned first_low, first_high;
  unsigned second_low, second_high;
  std::size_t size;
};

constexpr std::array<Form, 9> forms = {{{0x00, 0x7F, 0, 0, 1},
                                        {0xC2, 0xDF, 0x80, 0xBF, 2},
                                        {0xE0, 0xE0, 0xA0, 0xBF, 3},
                                        {0xE1, 0xEC, 0x80, 0xBF, 3},
                                        {0xED, 0xED, 0x80, 0x9F, 3},
                                        {0xEE, 0xEF, 0x80, 0xBF, 3},
                                        {0xF0, 0xF0, 0x90, 0xBF, 4},
                                        {0xF1, 0xF3, 0x80, 0xBF, 4},
                                        {0xF4, 0xF4, 0x80, 0x8F, 4}}};

unsigned at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

bool within(unsigned value, unsigned low, unsigned high) { return value >= low && value <= high; }

bool begins_with(std::string_view bytes, const Form& form) {
  if (!within(at(bytes, 0), form.first_low, form.first_high) || bytes.size() < form.size) {
    return false;
  }
  if (form.size > 1 && !within(at(bytes, 1), form.second_low, form.second_high)) return false;
  for (std::size_t i = 2; i < form.size; ++i) {
    if (!within(at(bytes, i), 0x80, 0xBF)) return false;
  }
  return true;
}

// Size of the character at the front; 0 for none.
std::size_t character_size(std::string_view bytes) {
  for (const Form& form : forms) {
    if (begins_with(bytes, form)) return form.size;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const std::size_t size = character_size(bytes);
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

}  // namespace duplex::tools::suite

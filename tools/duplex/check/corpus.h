// Messages that compress like those of the real world, made up and the same every time. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "script.h"

namespace duplex::tools::suite {

enum class Corpus : unsigned char { json, bitmap, prose, html, archive };

std::string_view describe(Corpus corpus) noexcept;  // "JSON"
Item::Kind kind_of(Corpus corpus) noexcept;         // what it is sent as

// `size` bytes of it, from somewhere that `offset` chooses.
std::string excerpt(Corpus corpus, std::size_t offset, std::size_t size);

}  // namespace duplex::tools::suite

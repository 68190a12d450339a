// Which stream has the events of a namespace.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::cluster {

// Of `count` streams, as @socket.io/redis-streams-adapter chooses: one alone is named as they all
// begin, others end in a remainder, which may be less than zero: "socket.io-2", "socket.io--1". The
// name of the namespace is valid UTF-8.
std::string stream_name(std::string_view prefix, std::string_view nsp, std::size_t count);
// Which names there may be.
std::vector<std::string> stream_names(std::string_view prefix, std::size_t count);

}  // namespace duplex::cluster

// The cases, by family. Where Autobahn's testsuite has the same case, it has the same number.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "script.h"

namespace duplex::tools::suite {

using Cases = std::vector<Case>;

// Every case. `limit`: the peer's largest message, if it is known, for the cases at that edge.
Cases all_cases(std::optional<std::uint64_t> limit = {});

// Appends cases of one family. Owner: a function that adds a family.
class Family {
 public:
  Family(Cases& cases, std::string name) : cases_(cases), name_(std::move(name)) {}

  // Of the cases that follow.
  Family& section(std::string section) {
    section_ = std::move(section);
    return *this;
  }
  Family& subject(Subject subject) {
    subject_ = subject;
    return *this;
  }
  Family& load(Load load) {
    load_ = load;
    return *this;
  }
  void add(std::string id, std::string title, std::function<void(Script&)> write) {
    cases_.push_back(
        {std::move(id), name_, std::move(title), section_, std::move(write), subject_, load_});
  }

 private:
  Cases& cases_;
  std::string name_;
  std::string section_;
  Subject subject_ = Subject::any;
  Load load_ = Load::light;
};

void add_framing(Cases& cases);        // 1
void add_pings(Cases& cases);          // 2
void add_reserved_bits(Cases& cases);  // 3
void add_opcodes(Cases& cases);        // 4
void add_fragmentation(Cases& cases);  // 5
void add_utf8(Cases& cases);           // 6
void add_closing(Cases& cases);        // 7
void add_limits(Cases& cases);         // 9, 10
void add_compression(Cases& cases);    // 12, 13
void add_frames(Cases& cases);         // F: what Autobahn lacks
void add_deflate(Cases& cases);        // F100 to F130: compressed bytes, right ones and wrong ones
void add_splits(Cases& cases);         // C: the same bytes in other pieces
void add_floods(Cases& cases);         // B, F40, F41, F61, T14: much, and slowly
void add_edges(Cases& cases, std::uint64_t limit);  // L: at the peer's limit
void add_openings(Cases& cases);                    // W: the client's opening
void add_http(Cases& cases);                        // H: HTTP in an opening
void add_smuggling(Cases& cases);                   // H: requests in front of an opening
void add_answers(Cases& cases);                     // K: the server's answer

// As a shell matches file names: '*', '?', '[12]'.
bool matches(const std::string& pattern, const std::string& id) noexcept;

// `count` bytes in which every place is different from its neighbours: printable for text.
std::string filler(Item::Kind kind, std::size_t count);

// "65,536"
std::string with_commas(std::uint64_t number);

}  // namespace duplex::tools::suite

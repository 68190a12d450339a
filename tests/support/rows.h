// The rows of tests/data/*.json, which are the hostile tables as bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace duplex::support {

struct JsonMember;

// A JSON value as the tests need it: enough for the data files, nothing more.
struct Json {
  struct Member;
  enum class Kind { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  bool boolean = false;
  double number = 0;
  std::string string;  // UTF-8
  std::vector<Json> array;
  std::vector<Member> object;  // in order

  const Json& operator[](std::string_view key) const;  // a null value when there is none
};

struct JsonMember {
  std::string name;
  Json value;
};

struct Json::Member {
  std::string name;
  Json value;
};

// Reads tests/data/<file>; the tests run in the project's top folder. Throws std::runtime_error.
Json load_rows(const std::string& file);

// The bytes of a list of segments: {"hex": "..."} or {"hex": "...", "times": n}.
std::string bytes_of(const Json& segments);

}  // namespace duplex::support

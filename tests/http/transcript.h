// What a parser makes of bytes, written down as text, so that two ways of cutting them into reads
// can be compared.
#pragma once

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "duplex/http/parser.h"

namespace duplex::http {

// Cuts `bytes` behind each of `sizes`; what is left is the last read.
using Cuts = std::vector<std::size_t>;

struct Transcript {
  std::string text = {};           // every event with everything in it; body pieces joined
  std::string outcome = {};        // "200" per whole message, the status of an error, "wait"
  std::size_t error_position = 0;  // bytes given to the parser when it failed; 0: it did not
};

inline std::string describe_fields(Fields fields) {
  std::string text;
  for (const Field& field : fields) {
    text += "[" + std::string(field.name) + "|" + std::string(field.value) + "]";
  }
  return text;
}

inline std::string describe_message(const Request& request) {
  return std::string(request.method) + " target=" + std::string(request.target) +
         " path=" + std::string(request.path) + " query=" + std::string(request.query) +
         " minor=" + std::to_string(request.minor_version) +
         " keep=" + std::to_string(request.keep_alive) +
         " body=" + std::to_string(request.has_body) +
         " continue=" + std::to_string(request.expects_continue) + describe_fields(request.fields);
}

inline std::string describe_message(const Response& response) {
  return std::to_string(response.status) + " reason=" + std::string(response.reason) +
         " minor=" + std::to_string(response.minor_version) +
         " keep=" + std::to_string(response.keep_alive) + describe_fields(response.fields);
}

inline const Request& message_of(const RequestParser& parser) { return parser.request(); }
inline const Response& message_of(const ResponseParser& parser) { return parser.response(); }

// Feeds a parser piece by piece. Every piece has a heap block of its own that is freed as soon as
// the parser has promised not to look at it again: the sanitizer sees every read too far or too
// late.
template <class Parser>
class Feeder {
 public:
  explicit Feeder(Parser& parser) : parser_(parser) {}

  void feed(std::string_view piece) {
    std::vector<std::byte> block(as_bytes(piece).begin(), as_bytes(piece).end());
    fed_ += piece.size();
    parser_.receive(block);
    while (const auto event = parser_.next_event()) note(*event);
    unread_ += as_text(parser_.take_unread());
  }

  void end() {
    if (const auto event = parser_.receive_eof()) note(*event);
  }

  const std::string& unread() const { return unread_; }

  Transcript transcript() const {
    Transcript result = result_;
    if (parser_.stage() == Stage::head || parser_.stage() == Stage::body) {
      result.outcome += "wait ";
      result.text += "wait";
    }
    if (!result.outcome.empty()) result.outcome.pop_back();
    return result;
  }

 private:
  void note(const Event& event) {
    switch (event.kind) {
      case Event::Kind::head:
        result_.text += "HEAD " + describe_message(message_of(parser_)) + "\nBODY ";
        break;
      case Event::Kind::body:
        result_.text += as_text(event.body);
        break;
      case Event::Kind::end:
        // The head has to outlive its body, wherever it has been moved to by now.
        result_.text += "\nEND " + describe_message(message_of(parser_)) + "\n";
        result_.outcome += "200 ";
        break;
      case Event::Kind::error:
        result_.text += "\nERROR " + std::string(http::describe(event.error));
        result_.outcome += std::to_string(status_for(event.error)) + " ";
        result_.error_position = fed_;
        break;
    }
  }

  Parser& parser_;
  Transcript result_ = {};
  std::string unread_ = {};
  std::size_t fed_ = 0;
};

template <class Parser>
Transcript parse(std::string_view bytes, const Cuts& cuts = {}, const ParserLimits& limits = {}) {
  Parser parser(limits);
  Feeder<Parser> feeder(parser);
  for (const std::size_t size : cuts) {
    feeder.feed(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  feeder.feed(bytes);
  return feeder.transcript();
}

inline Cuts every_byte(std::size_t size) { return Cuts(size, 1); }

inline Cuts random_cuts(std::size_t size, std::size_t cut_count, std::uint32_t seed) {
  std::mt19937 random(seed);
  Cuts positions;
  for (std::size_t i = 0; i < cut_count; ++i) positions.push_back(random() % (size + 1));
  std::sort(positions.begin(), positions.end());
  Cuts sizes;
  std::size_t before = 0;
  for (const std::size_t position : positions) {
    sizes.push_back(position - before);
    before = position;
  }
  return sizes;
}

}  // namespace duplex::http

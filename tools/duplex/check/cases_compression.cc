// Sections 12 and 13: messages compressed with permessage-deflate, in all its parameters.
#include <algorithm>
#include <array>

#include "cases.h"
#include "corpus.h"

namespace duplex::tools::suite {
namespace {

struct Size {
  std::size_t message;
  std::size_t part;  // bytes of one frame; 0: one frame for each message
};
constexpr std::array<Size, 18> sizes = {{{16, 0},
                                         {64, 0},
                                         {256, 0},
                                         {1024, 0},
                                         {4096, 0},
                                         {8192, 0},
                                         {16384, 0},
                                         {32768, 0},
                                         {65536, 0},
                                         {131072, 0},
                                         {8192, 256},
                                         {16384, 256},
                                         {32768, 256},
                                         {65536, 256},
                                         {131072, 256},
                                         {131072, 1024},
                                         {131072, 4096},
                                         {131072, 32768}}};

// Enough to see the context of one message taken over to the next, and no more: Autobahn sends
// 1,000 of each, which takes minutes and finds the same.
std::size_t message_count(std::size_t size) {
  return std::clamp<std::size_t>(262144 / size, 3, 20);
}

std::string title(Corpus corpus, const Size& size, const std::string& terms) {
  std::string text = std::to_string(message_count(size.message)) + " × " +
                     std::string(describe(corpus)) + " of " + with_commas(size.message) + " bytes";
  if (size.part != 0) text += " in parts of " + with_commas(size.part);
  return terms.empty() ? text : text + ", " + terms;
}

void exchange(Script& script, Corpus corpus, const Size& size) {
  const Item::Kind kind = kind_of(corpus);
  const std::size_t count = message_count(size.message);
  for (std::size_t i = 1; i <= count; ++i) {
    const std::string payload = excerpt(corpus, i * size.message, size.message);
    script.message({kind, payload}, size.part).expect(kind, payload).await(i);
  }
  // As in section 9; what is small is too large for nobody.
  constexpr std::size_t small = 1024;
  if (size.message < small) return;
  script.or_else({Verdict::informational, {}, {Ending::Kind::closed_by_peer, {1008, 1009}}});
}

// What is asked of the peer's own compression, for the client's offer and the server's answer.
struct Terms {
  std::string title;
  std::string offers;  // playing the client
  std::string answer;  // playing the server
};

// What every client can also do, so that the server may ask for it.
constexpr std::string_view able = "; client_no_context_takeover; client_max_window_bits";

Terms ask(bool no_context_takeover, const std::string& bits) {
  Terms terms = {"", "permessage-deflate", "permessage-deflate"};
  const auto add = [&terms](const std::string& name) {
    terms.title += (terms.title.empty() ? "" : ", ") + name;
    terms.offers += "; server_" + name;
    terms.answer += "; client_" + name;
  };
  if (no_context_takeover) add("no_context_takeover");
  if (!bits.empty()) add("max_window_bits=" + bits);
  terms.offers += able;
  return terms;
}

std::array<Terms, 7> all_terms() {
  Terms several = ask(true, "9");
  several.title = "three offers";
  several.offers += ", " + ask(true, "").offers + ", " + ask(false, "").offers;
  return {ask(false, ""), ask(true, ""),   ask(false, "9"), ask(false, "15"),
          ask(true, "9"), ask(true, "15"), several};
}

void add_group(Family& family, const std::string& prefix, Corpus corpus, const Terms& terms) {
  int number = 0;
  for (const Size& size : sizes) {
    family.add(prefix + std::to_string(++number), title(corpus, size, terms.title),
               [=](Script& script) {
                 const bool is_client = script.role() == Role::client;
                 script.compressed(is_client ? terms.offers : terms.answer);
                 exchange(script, corpus, size);
               });
  }
}

}  // namespace

void add_compression(Cases& cases) {
  Family family(cases, "12 compression");
  family.section("RFC 7692 7.2");
  int number = 0;
  for (const Corpus corpus :
       {Corpus::json, Corpus::bitmap, Corpus::prose, Corpus::html, Corpus::archive}) {
    add_group(family, "12." + std::to_string(++number) + ".", corpus, ask(false, ""));
  }
  Family parameters(cases, "13 compression parameters");
  parameters.section("RFC 7692 7.1");
  number = 0;
  for (const Terms& terms : all_terms()) {
    add_group(parameters, "13." + std::to_string(++number) + ".", Corpus::json, terms);
  }
}

}  // namespace duplex::tools::suite

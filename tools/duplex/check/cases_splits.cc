// C: the same bytes in other pieces. However TCP cuts them, the answer must be the same.
#include <algorithm>

#include "cases.h"

namespace duplex::tools::suite {
namespace {

constexpr auto text_item = Item::Kind::text;
constexpr auto binary_item = Item::Kind::binary;
constexpr auto pong_item = Item::Kind::pong;

// Long enough for the first piece to be read before the second is sent.
constexpr milliseconds gap(2);

// The frames again and again on one connection, each time cut at another place.
struct Exchange {
  std::vector<Frame> frames;
  std::vector<Item> answers;
};

void every_split(Script& script, const Exchange& exchange, std::size_t from, std::size_t to) {
  std::string bytes;
  for (const Frame& frame : exchange.frames) bytes += encode(frame, script.role());
  for (std::size_t cut = from; cut < std::min(to, bytes.size()); ++cut) {
    script.send(bytes.substr(0, cut)).pause(gap).send(bytes.substr(cut));
    for (const Item& item : exchange.answers) script.expect(item.kind, item.payload);
    script.await_all();
  }
}

std::function<void(Script&)> split_everywhere(const Exchange& exchange, std::size_t from = 1,
                                              std::size_t to = 64) {
  return [=](Script& s) { every_split(s, exchange, from, to); };
}

void add_good(Family& family) {
  family.add("C01", "text of 5 bytes, cut at every place",
             split_everywhere({{text_frame("Hello")}, {{text_item, "Hello"}}}));
  const std::string longer = filler(binary_item, 300);
  family.add("C02", "binary with a 16-bit length, cut at every place of its header",
             split_everywhere({{binary_frame(longer)}, {{binary_item, longer}}}, 1, 20));
  const std::string longest = filler(binary_item, 65536);
  family.add("C03", "binary with a 64-bit length, cut at every place of its header",
             split_everywhere({{binary_frame(longest)}, {{binary_item, longest}}}, 1, 20));
  const std::string text = "\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa9";
  family.add("C04", "text of long characters, cut at every place",
             split_everywhere({{text_frame(text)}, {{text_item, text}}}));
  family.add("C05", "two parts with a ping between them, cut at every place",
             split_everywhere({{part(opcode::text, "Hel", false), ping_frame("p"),
                                part(opcode::continuation, "lo", true)},
                               {{pong_item, "p"}, {text_item, "Hello"}}}));
  family.add("C06", "three texts, cut at every place",
             split_everywhere({{text_frame("one"), text_frame(""), text_frame("two")},
                               {{text_item, "one"}, {text_item, ""}, {text_item, "two"}}}));
}

// A frame for which the connection must fail, cut at each place: a connection for each.
void add_bad(Family& family, const std::string& id, const std::string& title, const Frame& frame,
             unsigned code) {
  const std::size_t size = encode(frame, Role::client).size();
  for (std::size_t cut = 1; cut < size; ++cut) {
    // A server's frame is shorter.
    const bool cuts_both = cut < encode(frame, Role::server).size();
    family.subject(cuts_both ? Subject::any : Subject::servers);
    family.add(id + "." + std::to_string(cut), title + ", cut behind byte " + std::to_string(cut),
               [=](Script& s) {
                 const std::string bytes = encode(frame, s.role());
                 s.send(bytes.substr(0, cut)).pause(gap).send(bytes.substr(cut));
                 s.peer_closes({code});
               });
  }
  family.subject(Subject::any);
}

void add_openings_in_pieces(Family& family) {
  family.section("RFC 6455 4");
  family.add("C20", "opening, one byte in each write", [](Script& s) {
    s.opening().piece = 1;
    s.echo(text_item, "Hello");
  });
  for (const std::size_t size : {2U, 3U, 7U, 64U}) {
    family.add("C21." + std::to_string(size),
               "opening, " + std::to_string(size) + " bytes in each write", [=](Script& s) {
                 s.opening().piece = size;
                 s.echo(text_item, "Hello");
               });
  }
  family.add("C22", "first frame in the same write as the opening", [](Script& s) {
    s.opening().glued = true;
    s.echo(text_item, "Hello");
  });
  family.add("C23", "text, ping and Close in the same write as the opening", [](Script& s) {
    s.opening().glued = true;
    s.send_together({text_frame("Hello"), ping_frame("p"), close_frame(1000)});
    s.expect(text_item, "Hello").expect(pong_item, "p").peer_closes({1000});
  });
}

}  // namespace

void add_splits(Cases& cases) {
  Family family(cases, "C cuts");
  family.section("RFC 6455 5");
  add_good(family);
  Frame reserved = text_frame("Hi");
  reserved.rsv = 2;
  add_bad(family, "C10", "text with RSV2", reserved, 1002);
  add_bad(family, "C11", "text that is not UTF-8", text_frame("a\xff"), 1007);
  add_bad(family, "C12", "Close with code 1005", close_frame(1005), 1002);
  Frame long_form = text_frame("Hi");
  long_form.form = LengthForm::bits_64;
  add_bad(family, "C13", "text of 2 bytes with a 64-bit length", long_form, 1002);
  add_openings_in_pieces(family);
}

}  // namespace duplex::tools::suite

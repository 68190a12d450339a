// B: much of something small, and slow delivery. The peer may refuse what is too much, but must
// neither break a rule nor fall over.
#include "cases.h"
#include "compression.h"
#include "corpus.h"

namespace duplex::tools::suite {
namespace {

constexpr auto text_item = Item::Kind::text;
constexpr auto pong_item = Item::Kind::pong;

std::string repeated(const std::string& bytes, std::size_t count) {
  std::string all;
  all.reserve(bytes.size() * count);
  for (std::size_t i = 0; i < count; ++i) all += bytes;
  return all;
}

// A refusal with 1008 or 1009, with or without a Close frame that got through.
void or_refused(Script& script) {
  script.or_else({Verdict::informational, {}, {Ending::Kind::closed_by_peer, {1008, 1009}}});
  script.or_else({Verdict::informational, {}, {Ending::Kind::dropped, {}}});
}

// Parts without end. They may be refused, or wait for more; the message never comes.
void endless_parts(Script& script, unsigned code, const std::string& payload) {
  const std::string more = encode(part(opcode::continuation, payload, false), script.role());
  const std::string begin = encode(part(code, "", false), script.role());
  script.send(begin + repeated(more, 200000)).peer_closes({1008, 1009});
  script.or_else({Verdict::ok, {}, {Ending::Kind::open, {}}});
  script.or_else({Verdict::informational, {}, {Ending::Kind::dropped, {}}});
}

void add_parts(Family& family) {
  family.section("RFC 6455 10.4");
  family.add("F40", "200,000 empty parts without an end",
             [](Script& s) { endless_parts(s, opcode::text, ""); });
  family.add("F41", "200,000 parts of one byte without an end",
             [](Script& s) { endless_parts(s, opcode::binary, "x"); });
  family.add("B01", "text in 65,537 parts", [](Script& s) {
    const std::string text = filler(text_item, 65537);
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const unsigned code = i == 0 ? opcode::text : opcode::continuation;
      bytes += encode(part(code, text.substr(i, 1), i + 1 == text.size()), s.role());
    }
    s.send(bytes).expect(text_item, text);
    or_refused(s);
  });
}

void add_control(Family& family) {
  family.section("RFC 6455 5.5.3");
  family.add("F61", "20,000 pings of 100 bytes, then a text", [](Script& s) {
    const std::string payload(100, 'p');
    s.send(repeated(encode(ping_frame(payload), s.role()), 20000) +
           encode(text_frame("Hello"), s.role()));
    s.expect_row(pong_item, payload, 1, 20000).expect(text_item, "Hello");
    // The newest ping may be answered behind the text.
    s.or_else({Verdict::ok,
               {{.item = {pong_item, payload}, .min = 0, .max = 20000},
                {.item = {text_item, "Hello"}},
                {.item = {pong_item, payload}}},
               {}});
  });
  family.add("T14", "1,000,000 pongs that nobody asked for, then a text", [](Script& s) {
    s.send(repeated(encode(pong_frame(""), s.role()), 1000000) +
           encode(text_frame("Hello"), s.role()));
    s.expect(text_item, "Hello");
  });
}

void add_messages(Family& family) {
  family.section("RFC 6455 5.4");
  family.add("B02", "100,000 texts of one byte in one burst", [](Script& s) {
    s.send(repeated(encode(text_frame("x"), s.role()), 100000));
    s.expect_row(text_item, "x", 100000, 100000);
  });
  family.add("B03", "text of 64 MiB", [](Script& s) {
    s.echo(text_item, filler(text_item, std::size_t{64} << 20));
    or_refused(s);
  });
}

constexpr milliseconds gap(5);

// One byte after the other, with a gap between them.
void trickle(Script& script, const std::string& bytes) {
  for (const char byte : bytes) script.send(std::string(1, byte)).pause(gap);
}

void add_slow(Family& family) {
  family.section("RFC 6455 5.4").load(Load::light);
  family.add("B10", "text of 50 bytes, one every 5 ms", [](Script& s) {
    const std::string text = filler(text_item, 50);
    trickle(s, encode(text_frame(text), s.role()));
    s.expect(text_item, text);
  });
  family.add("B11", "text in ten parts, 30 ms and a ping between them", [](Script& s) {
    const std::string text = filler(text_item, 100);
    for (std::size_t at = 0; at < text.size(); at += 10) {
      const bool fin = at + 10 == text.size();
      s.send(part(at == 0 ? opcode::text : opcode::continuation, text.substr(at, 10), fin));
      if (fin) break;
      s.pause(milliseconds(30)).send(ping_frame("p" + std::to_string(at)));
      s.expect(pong_item, "p" + std::to_string(at)).await_all();
    }
    s.expect(text_item, text);
  });
  family.section("RFC 7692 7.2.2");
  family.add("B12", "compressed text, one byte every 5 ms", [](Script& s) {
    const std::string text = excerpt(Corpus::prose, 0, 120);
    Frame frame = text_frame(Deflater({}).message(text));
    frame.rsv = 4;
    s.compressed("permessage-deflate");
    trickle(s, encode(frame, s.role()));
    s.expect(text_item, text);
  });
  family.section("RFC 6455 4");
  family.add("B13", "opening, one byte every 3 ms", [](Script& s) {
    s.opening().piece = 1;
    s.opening().pace = milliseconds(3);
    s.echo(text_item, "Hello");
  });
}

}  // namespace

void add_floods(Cases& cases) {
  Family family(cases, "B bulk and slowness");
  add_slow(family);
  family.load(Load::flood);
  add_parts(family);
  add_control(family);
  add_messages(family);
}

}  // namespace duplex::tools::suite

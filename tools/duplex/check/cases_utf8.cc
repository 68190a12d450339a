// Section 6: text is UTF-8.
#include <array>

#include "cases.h"
#include "utf8_reference.h"

namespace duplex::tools::suite {
namespace {

constexpr auto text_item = Item::Kind::text;

// κόσμε, and a text that goes wrong behind it.
const std::string greek = from_hex("ce ba e1 bd b9 cf 83 ce bc ce b5");
const std::string edited = "edited";

// A text in frames of one byte.
std::vector<Frame> bytewise(const std::string& text) {
  std::vector<Frame> frames;
  for (std::size_t i = 0; i < text.size(); ++i) {
    frames.push_back(part(i == 0 ? opcode::text : opcode::continuation, text.substr(i, 1),
                          i + 1 == text.size()));
  }
  return frames;
}

void good_or_bad(Script& script, const std::string& text) {
  if (is_utf8(text)) {
    script.echo(text_item, text);
  } else {
    script.send(text_frame(text)).peer_closes({1007});
  }
}

void add_empty(Family& family) {
  family.add("6.1.1", "empty text", [](Script& s) { s.echo(text_item, ""); });
  family.add("6.1.2", "empty text in three parts", [](Script& s) {
    s.send_together({part(opcode::text, "", false), part(opcode::continuation, "", false),
                     part(opcode::continuation, "", true)});
    s.expect(text_item, "");
  });
  family.add("6.1.3", "text in three parts of which the outer ones are empty", [](Script& s) {
    s.send_together({part(opcode::text, "", false),
                     part(opcode::continuation, "middle frame payload", false),
                     part(opcode::continuation, "", true)});
    s.expect(text_item, "middle frame payload");
  });
}

void add_valid(Family& family) {
  const std::string text =
      "Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!";
  family.add("6.2.1", "valid text", [=](Script& s) { s.echo(text_item, text); });
  family.add("6.2.2", "valid text in two parts, cut between characters", [=](Script& s) {
    s.send_together({part(opcode::text, text.substr(0, 12), false),
                     part(opcode::continuation, text.substr(12), true)});
    s.expect(text_item, text);
  });
  family.add("6.2.3", "valid text in parts of one byte",
             [=](Script& s) { s.send_together(bytewise(text)).expect(text_item, text); });
  family.add("6.2.4", "Greek text in parts of one byte",
             [](Script& s) { s.send_together(bytewise(greek)).expect(text_item, greek); });
}

void add_invalid(Family& family) {
  const std::string text = greek + from_hex("ed a0 80") + edited;
  family.add("6.3.1", "invalid text", [=](Script& s) { good_or_bad(s, text); });
  family.add("6.3.2", "invalid text in parts of one byte",
             [=](Script& s) { s.send_together(bytewise(text)).peer_closes({1007}); });
}

// Three pieces, of which the second one makes the text invalid: it should fail before the third.
void fail_fast(Script& script, const std::array<std::string, 3>& pieces) {
  constexpr milliseconds enough(3000);  // even for a busy peer
  script.send(pieces[0]).pause(milliseconds(20)).send(pieces[1]).pause(enough).send(pieces[2]);
  script.peer_closes({1007}).before_step(4);
  script.or_else({Verdict::non_strict, {}, {Ending::Kind::closed_by_peer, {1007}}});
}

std::array<std::string, 3> as_frames(Role role, const std::array<std::string, 3>& texts) {
  return {encode(part(opcode::text, texts[0], false), role),
          encode(part(opcode::continuation, texts[1], false), role),
          encode(part(opcode::continuation, texts[2], true), role)};
}

// One frame, cut at those places of its payload.
std::array<std::string, 3> as_cuts(Role role, const std::array<std::string, 3>& texts) {
  const std::string frame = encode(text_frame(texts[0] + texts[1] + texts[2]), role);
  const std::size_t third = frame.size() - texts[2].size();
  const std::size_t second = third - texts[1].size();
  return {frame.substr(0, second), frame.substr(second, third - second), frame.substr(third)};
}

void add_fail_fast(Family& family) {
  const std::array<std::string, 3> whole = {greek, from_hex("f4 90 80 80"), edited};
  const std::array<std::string, 3> within = {greek + "\xf4", "\x90", "\x80\x80" + edited};
  family.add("6.4.1", "invalid from the second of three parts on, with rests between",
             [=](Script& s) { fail_fast(s, as_frames(s.role(), whole)); });
  family.add("6.4.2", "as 6.4.1, but cut behind the byte that makes it invalid",
             [=](Script& s) { fail_fast(s, as_frames(s.role(), within)); });
  family.add("6.4.3", "one invalid frame in three pieces, with rests between",
             [=](Script& s) { fail_fast(s, as_cuts(s.role(), whole)); });
  family.add("6.4.4", "as 6.4.3, but cut behind the byte that makes it invalid",
             [=](Script& s) { fail_fast(s, as_cuts(s.role(), within)); });
}

using Sequences = std::vector<std::string>;

void add_sequences(Family& family, int group, const std::string& title, const Sequences& list) {
  int number = 0;
  for (const std::string& bytes : list) {
    const std::string shown = hex(bytes.substr(0, 16)) + (bytes.size() > 16 ? " …" : "");
    family.add("6." + std::to_string(group) + "." + std::to_string(++number), title + ": " + shown,
               [bytes](Script& s) { good_or_bad(s, bytes); });
  }
}

Sequences from_hex_list(std::initializer_list<std::string_view> list) {
  Sequences sequences;
  for (const std::string_view digits : list) sequences.push_back(from_hex(digits));
  return sequences;
}

// Every byte from `low` to `high`, with `between` after each.
std::string every_byte(unsigned low, unsigned high, const std::string& between = {}) {
  std::string bytes;
  for (unsigned value = low; value <= high; ++value) {
    bytes += static_cast<char>(value);
    bytes += between;
  }
  return bytes;
}

Sequences prefixes(const std::string& text) {
  Sequences list;
  for (std::size_t size = 1; size <= text.size(); ++size) list.push_back(text.substr(0, size));
  return list;
}

Sequences continuations() {
  Sequences list = {"\x80", "\xbf"};
  std::string text = "\x80";
  for (int i = 1; i <= 5; ++i) {
    text += i % 2 == 0 ? '\x80' : '\xbf';
    list.push_back(text);
  }
  list.push_back(every_byte(0x80, 0xBF));
  return list;
}

Sequences lonely_starts() {
  return {every_byte(0xC0, 0xDF, " "), every_byte(0xE0, 0xEF, " "), every_byte(0xF0, 0xF7, " "),
          every_byte(0xF8, 0xFB, " "), every_byte(0xFC, 0xFD, " ")};
}

Sequences cut_sequences() {
  return from_hex_list({"c0", "e0 80", "f0 80 80", "f8 80 80 80", "fc 80 80 80 80", "df", "ef bf",
                        "f7 bf bf", "fb bf bf bf", "fd bf bf bf bf"});
}

std::string joined(const Sequences& list) {
  std::string all;
  for (const std::string& bytes : list) all += bytes;
  return all;
}

// U+FFFE, U+FFFF, U+1FFFE, ... U+10FFFF: valid, though they are no characters.
Sequences noncharacters() {
  Sequences list = from_hex_list({"ef bf be", "ef bf bf"});
  for (unsigned plane = 1; plane <= 16; ++plane) {
    const std::string front = {static_cast<char>(0xF0 | plane >> 2),
                               static_cast<char>(0x8F | (plane & 3) << 4), '\xbf'};
    list.push_back(front + '\xbe');
    list.push_back(front + '\xbf');
  }
  return list;
}

Sequences specials() {
  Sequences list;
  for (unsigned value = 0xB9; value <= 0xBF; ++value) {
    list.push_back(std::string("\xef\xbf") + static_cast<char>(value));
  }
  return list;
}

void add_boundaries(Family& family) {
  add_sequences(family, 5, "valid sequences",
                {"hello\x24world", "hello\xC2\xA2world", "hello\xE2\x82\xACworld",
                 "hello\xF0\xA4\xAD\xA2world", greek});
  add_sequences(family, 6, "prefix of a valid text", prefixes(greek));
  add_sequences(family, 7, "first sequence of its length",
                from_hex_list({"00", "c2 80", "e0 a0 80", "f0 90 80 80"}));
  add_sequences(family, 8, "first sequence of 5 or 6 bytes",
                from_hex_list({"f8 88 80 80 80", "fc 84 80 80 80 80"}));
  add_sequences(family, 9, "last sequence of its length",
                from_hex_list({"7f", "df bf", "ef bf bf", "f4 8f bf bf"}));
  add_sequences(family, 10, "last sequence of 4, 5 or 6 bytes",
                from_hex_list({"f7 bf bf bf", "fb bf bf bf bf", "fd bf bf bf bf bf"}));
  add_sequences(family, 11, "other boundaries",
                from_hex_list({"ed 9f bf", "ee 80 80", "ef bf bd", "f4 8f bf bf", "f4 90 80 80"}));
}

void add_malformed(Family& family) {
  add_sequences(family, 12, "unexpected continuation bytes", continuations());
  add_sequences(family, 13, "lonely start bytes", lonely_starts());
  add_sequences(family, 14, "last continuation byte missing", cut_sequences());
  add_sequences(family, 15, "incomplete sequences, joined", {joined(cut_sequences())});
  add_sequences(family, 16, "impossible bytes", from_hex_list({"fe", "ff", "fe fe ff ff"}));
  add_sequences(
      family, 17, "overlong '/'",
      from_hex_list({"c0 af", "e0 80 af", "f0 80 80 af", "f8 80 80 80 af", "fc 80 80 80 80 af"}));
  add_sequences(
      family, 18, "largest overlong sequence",
      from_hex_list({"c1 bf", "e0 9f bf", "f0 8f bf bf", "f8 87 bf bf bf", "fc 83 bf bf bf bf"}));
  add_sequences(
      family, 19, "overlong NUL",
      from_hex_list({"c0 80", "e0 80 80", "f0 80 80 80", "f8 80 80 80 80", "fc 80 80 80 80 80"}));
}

void add_code_points(Family& family) {
  add_sequences(family, 20, "single surrogate",
                from_hex_list({"ed a0 80", "ed ad bf", "ed ae 80", "ed af bf", "ed b0 80",
                               "ed be 80", "ed bf bf"}));
  add_sequences(family, 21, "pair of surrogates",
                from_hex_list({"ed a0 80 ed b0 80", "ed a0 80 ed bf bf", "ed ad bf ed b0 80",
                               "ed ad bf ed bf bf", "ed ae 80 ed b0 80", "ed ae 80 ed bf bf",
                               "ed af bf ed b0 80", "ed af bf ed bf bf"}));
  add_sequences(family, 22, "noncharacter", noncharacters());
  add_sequences(family, 23, "special", specials());
}

}  // namespace

void add_utf8(Cases& cases) {
  Family family(cases, "6 UTF-8");
  family.section("RFC 6455 5.6");
  add_empty(family);
  add_valid(family);
  family.section("RFC 6455 8.1");
  add_invalid(family);
  add_fail_fast(family);
  add_boundaries(family);
  add_malformed(family);
  add_code_points(family);
}

}  // namespace duplex::tools::suite

// Sections 1 to 4: framing, pings and pongs, reserved bits, opcodes.
#include "cases.h"

namespace duplex::tools::suite {
namespace {

constexpr auto text_item = Item::Kind::text;
constexpr auto pong_item = Item::Kind::pong;

// How the bytes of a script are cut into writes.
enum class Cut { together, by_frame, by_byte };

void send_cut(Script& script, const std::vector<Frame>& frames, Cut cut) {
  if (cut == Cut::by_frame) {
    script.send_each(frames);
  } else {
    script.send_together(frames, cut == Cut::by_byte ? 1 : 0);
  }
}

// A good text first, which should come back; then `frames`, for which the connection must fail.
void good_then_bad(Script& script, std::vector<Frame> frames, Cut cut) {
  frames.insert(frames.begin(), text_frame("Hello, world!"));
  frames.push_back(ping_frame(""));
  send_cut(script, frames, cut);
  script.expect(text_item, "Hello, world!").peer_closes({1002});
  script.or_else({Verdict::non_strict, {}, {Ending::Kind::closed_by_peer, {1002}}});
}

void bad_only(Script& script, const Frame& frame, std::size_t piece = 0) {
  script.send(frame, piece).peer_closes({1002});
}

Frame with_bits(Frame frame, unsigned rsv) {
  frame.rsv = rsv;
  return frame;
}

void add_sizes(Family& family, const std::string& prefix, Item::Kind kind) {
  const std::string name = kind == text_item ? "text" : "binary";
  int number = 0;
  for (const std::size_t size : {0U, 125U, 126U, 127U, 128U, 65535U, 65536U}) {
    family.add(prefix + std::to_string(++number), name + " of " + with_commas(size) + " bytes",
               [=](Script& script) { script.echo(kind, filler(kind, size)); });
  }
  family.add(prefix + "8", name + " of 65,536 bytes, 997 in each write",
             [=](Script& script) { script.echo(kind, filler(kind, 65536), 997); });
}

void ping_and_pong(Script& script, const std::string& payload, std::size_t piece = 0) {
  script.send(ping_frame(payload), piece).expect(pong_item, payload);
}

void ten_pings(Script& script, std::size_t piece) {
  std::vector<Frame> pings;
  for (int i = 0; i < 10; ++i) {
    pings.push_back(ping_frame("ping " + std::to_string(i)));
    script.expect(pong_item, pings.back().payload);
  }
  send_cut(script, pings, piece == 0 ? Cut::by_frame : Cut::by_byte);
  // Section 5.5.3: an endpoint may answer the newest of several pings only.
  Outcome newest = {Verdict::informational, {}, {}};
  for (const Frame& ping : pings) {
    newest.items.push_back({.item = {pong_item, ping.payload}, .min = 0, .max = 1});
  }
  newest.items.back().min = 1;
  script.or_else(newest);
}

}  // namespace

void add_framing(Cases& cases) {
  Family family(cases, "1 framing");
  family.section("RFC 6455 5.2");
  add_sizes(family, "1.1.", Item::Kind::text);
  add_sizes(family, "1.2.", Item::Kind::binary);
}

void add_pings(Cases& cases) {
  Family family(cases, "2 pings and pongs");
  family.section("RFC 6455 5.5.2");
  family.add("2.1", "ping without payload", [](Script& s) { ping_and_pong(s, ""); });
  family.add("2.2", "ping with a text", [](Script& s) { ping_and_pong(s, "Hello, world!"); });
  family.add("2.3", "ping with bytes that are not UTF-8",
             [](Script& s) { ping_and_pong(s, from_hex("00 ff fe fd fc fb 00 ff")); });
  family.add("2.4", "ping of 125 bytes",
             [](Script& s) { ping_and_pong(s, std::string(125, '\xfe')); });
  family.section("RFC 6455 5.5").add("2.5", "ping of 126 bytes", [](Script& s) {
    bad_only(s, ping_frame(std::string(126, '\xfe')));
  });
  family.section("RFC 6455 5.5.2")
      .add("2.6", "ping of 125 bytes, one in each write",
           [](Script& s) { ping_and_pong(s, std::string(125, '\xfe'), 1); });
  family.section("RFC 6455 5.5.3");
  family.add("2.7", "pong that nobody asked for", [](Script& s) { s.send(pong_frame("")); });
  family.add("2.8", "pong that nobody asked for, with payload",
             [](Script& s) { s.send(pong_frame("unsolicited")); });
  family.add("2.9", "pong that nobody asked for, then a ping", [](Script& s) {
    s.send(pong_frame("unsolicited"));
    ping_and_pong(s, "our own");
  });
  family.add("2.10", "ten pings", [](Script& s) { ten_pings(s, 0); });
  family.add("2.11", "ten pings, one byte in each write", [](Script& s) { ten_pings(s, 1); });
}

void add_reserved_bits(Cases& cases) {
  Family family(cases, "3 reserved bits");
  family.section("RFC 6455 5.2");
  const auto text_with = [](unsigned rsv) { return with_bits(text_frame("Hello, world!"), rsv); };
  family.add("3.1", "text with RSV3", [=](Script& s) { bad_only(s, text_with(1)); });
  family.add("3.2", "text, text with RSV2, ping",
             [=](Script& s) { good_then_bad(s, {text_with(2)}, Cut::together); });
  family.add("3.3", "text, text with RSV2 and RSV3, ping, each in a write",
             [=](Script& s) { good_then_bad(s, {text_with(3)}, Cut::by_frame); });
  family.add("3.4", "text, text with RSV1, ping, one byte in each write",
             [=](Script& s) { good_then_bad(s, {text_with(4)}, Cut::by_byte); });
  family.add("3.5", "binary with RSV1 and RSV3",
             [](Script& s) { bad_only(s, with_bits(binary_frame("\x01\xff"), 5)); });
  family.add("3.6", "ping with RSV1 and RSV2",
             [](Script& s) { bad_only(s, with_bits(ping_frame("Hello"), 6)); });
  family.add("3.7", "Close with RSV1, RSV2 and RSV3",
             [](Script& s) { bad_only(s, with_bits(close_frame(1000), 7)); });
}

void add_opcodes(Cases& cases) {
  Family family(cases, "4 opcodes");
  family.section("RFC 6455 5.2");
  const auto add_group = [&family](const std::string& prefix, unsigned first) {
    const auto name = [first](unsigned i) {
      return "reserved opcode " + std::to_string(first + i);
    };
    const auto frame = [first](unsigned i, std::string payload) {
      return Frame{first + i, std::move(payload)};
    };
    family.add(prefix + "1", name(0), [=](Script& s) { bad_only(s, frame(0, "")); });
    family.add(prefix + "2", name(1) + " with payload",
               [=](Script& s) { bad_only(s, frame(1, "reserved")); });
    family.add(prefix + "3", "text, " + name(2) + ", ping, each in a write",
               [=](Script& s) { good_then_bad(s, {frame(2, "")}, Cut::by_frame); });
    family.add(prefix + "4", "text, " + name(3) + " with payload, ping",
               [=](Script& s) { good_then_bad(s, {frame(3, "reserved")}, Cut::together); });
    family.add(prefix + "5", "text, " + name(4) + " with payload, ping, one byte in each write",
               [=](Script& s) { good_then_bad(s, {frame(4, "reserved")}, Cut::by_byte); });
  };
  add_group("4.1.", 3);
  add_group("4.2.", 11);
}

}  // namespace duplex::tools::suite

// Section 7: close handling.
#include "cases.h"

namespace duplex::tools::suite {
namespace {

constexpr auto text_item = Item::Kind::text;

// A Close frame, then what must be ignored; the peer answers the Close.
void close_then(Script& script, const std::vector<Frame>& ignored) {
  std::vector<Frame> frames = ignored;
  frames.insert(frames.begin(), close_frame(1000));
  script.send_together(frames).peer_closes({1000});
}

void add_orders(Family& family) {
  family.add("7.1.1", "text, then Close", [](Script& s) {
    s.send_together({text_frame("Hello World!"), close_frame(1000)});
    s.expect(text_item, "Hello World!").peer_closes({1000});
    s.or_else({Verdict::non_strict, {}, {Ending::Kind::closed_by_peer, {1000}}});
  });
  family.add("7.1.2", "two Close frames", [](Script& s) { close_then(s, {close_frame(1000)}); });
  family.add("7.1.3", "Close, then a ping", [](Script& s) { close_then(s, {ping_frame("late")}); });
  family.add("7.1.4", "Close, then a text", [](Script& s) { close_then(s, {text_frame("late")}); });
  family.add("7.1.5", "half a text, Close, the other half", [](Script& s) {
    s.send_together({part(opcode::text, "fragment1", false), close_frame(1000),
                     part(opcode::continuation, "fragment2", true)});
    s.peer_closes({1000});
  });
  family.add("7.1.6", "text of 262,144 bytes, Close, ping", [](Script& s) {
    const std::string text = filler(text_item, 262144);
    s.send_together(
        {text_frame("Hello World!"), text_frame(text), close_frame(1000), ping_frame("late")});
    s.expect(text_item, "Hello World!").expect(text_item, text).peer_closes({1000});
    // Whoever closes early may leave echoes out.
    const Ending closed = {Ending::Kind::closed_by_peer, {1000}};
    s.or_else({Verdict::informational, {{.item = {text_item, "Hello World!"}}}, closed});
    s.or_else({Verdict::informational, {}, closed});
    // The long one may be too large, as in section 9.
    s.or_else({Verdict::informational,
               {{.item = {text_item, "Hello World!"}, .min = 0}},
               {Ending::Kind::closed_by_peer, {1008, 1009}}});
  });
}

void add_payloads(Family& family) {
  family.add("7.3.1", "Close without payload", [](Script& s) {
    s.send(Frame{opcode::close}).peer_closes({1005, 1000});
  });
  family.add("7.3.2", "Close with one byte", [](Script& s) {
    s.send(Frame{opcode::close, "a"}).peer_closes({1002});
  });
  family.add("7.3.3", "Close with a code",
             [](Script& s) { s.send(close_frame(1000)).peer_closes({1000}); });
  family.add("7.3.4", "Close with a code and a reason",
             [](Script& s) { s.send(close_frame(1000, "Hello World!")).peer_closes({1000}); });
  family.add("7.3.5", "Close with a code and a reason of 123 bytes", [](Script& s) {
    s.send(close_frame(1000, std::string(123, '*'))).peer_closes({1000});
  });
  family.add("7.3.6", "Close with a code and a reason of 124 bytes", [](Script& s) {
    s.send(close_frame(1000, std::string(124, '*'))).peer_closes({1002});
  });
  family.add("7.5.1", "Close with a reason that is not UTF-8", [](Script& s) {
    const std::string reason = from_hex("ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80") + "edited";
    s.send(close_frame(1000, reason)).peer_closes({1007});
  });
}

void add_codes(Family& family, const std::string& prefix, const std::vector<unsigned>& codes,
               bool valid) {
  int number = 0;
  for (const unsigned code : codes) {
    family.add(
        prefix + std::to_string(++number),
        (valid ? "Close with valid code " : "Close with invalid code ") + std::to_string(code),
        [=](Script& s) { s.send(close_frame(code)).peer_closes({valid ? code : 1002}); });
  }
}

// RFC 6455 section 7.4.2 says nothing about codes from 5000 on.
void add_unknown(Family& family, const std::string& id, unsigned code) {
  family.add(id, "Close with code " + std::to_string(code), [=](Script& s) {
    s.send(close_frame(code)).peer_closes({1002});
    s.or_else({Verdict::informational, {}, {Ending::Kind::closed_by_peer, {1000, 1005}}});
    s.or_else({Verdict::informational, {}, {Ending::Kind::dropped, {}}});
  });
}

}  // namespace

void add_closing(Cases& cases) {
  Family family(cases, "7 close handling");
  family.section("RFC 6455 5.5.1");
  add_orders(family);
  add_payloads(family);
  family.section("RFC 6455 7.4.1");
  add_codes(family, "7.7.",
            {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}, true);
  family.section("RFC 6455 7.4.2");
  add_codes(family, "7.9.", {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999}, false);
  add_unknown(family, "7.13.1", 5000);
  add_unknown(family, "7.13.2", 65535);
}

}  // namespace duplex::tools::suite

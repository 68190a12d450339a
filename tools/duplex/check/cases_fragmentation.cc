// Section 5: fragmentation.
#include "cases.h"

namespace duplex::tools::suite {
namespace {

constexpr auto text_item = Item::Kind::text;
constexpr auto pong_item = Item::Kind::pong;

Frame first(std::string payload) { return part(opcode::text, std::move(payload), false); }
Frame middle(std::string payload) { return part(opcode::continuation, std::move(payload), false); }
Frame last(std::string payload) { return part(opcode::continuation, std::move(payload), true); }

// The same frames in one write, each in one, and a byte in each.
void add_cuts(Family& family, int number, const std::string& title,
              const std::vector<Frame>& frames, const std::function<void(Script&)>& expect) {
  const auto id = [&number] { return "5." + std::to_string(number++); };
  family.add(id(), title, [=](Script& s) {
    s.send_together(frames);
    expect(s);
  });
  family.add(id(), title + ", each in a write", [=](Script& s) {
    s.send_each(frames);
    expect(s);
  });
  family.add(id(), title + ", one byte in each write", [=](Script& s) {
    s.send_together(frames, 1);
    expect(s);
  });
}

void must_fail(Script& script) { script.peer_closes({1002}); }

void add_wrong_orders(Family& family) {
  family.add("5.15", "a text in two parts, a continuation of nothing, a text", [](Script& s) {
    s.send_together(
        {first("fragment1"), last("fragment2"), middle("fragment3"), text_frame("fragment4")});
    s.expect(text_item, "fragment1fragment2").peer_closes({1002});
    s.or_else({Verdict::non_strict, {}, {Ending::Kind::closed_by_peer, {1002}}});
  });
  const auto twice = [](const Frame& lonely) {
    return [lonely](Script& s) {
      for (int i = 0; i < 2; ++i) {
        s.send_each({lonely, first("fragment2"), last("fragment3")});
      }
      must_fail(s);
    };
  };
  family.add("5.16", "twice: a continuation of nothing (FIN 0), a text in two parts",
             twice(middle("fragment1")));
  family.add("5.17", "twice: a continuation of nothing (FIN 1), a text in two parts",
             twice(last("fragment1")));
  family.add("5.18", "a text in two parts, both with the opcode of text", [](Script& s) {
    s.send_together({first("fragment1"), text_frame("fragment2")});
    must_fail(s);
  });
}

void add_long_message(Family& family) {
  const std::vector<Frame> begin = {first("fragment1"), middle("fragment2"), ping_frame("one")};
  const std::vector<Frame> end = {middle("fragment3"), middle("fragment4"), ping_frame("two"),
                                  last("fragment5")};
  const auto expect = [](Script& s) {
    s.expect(pong_item, "one").expect(pong_item, "two");
    s.expect(text_item, "fragment1fragment2fragment3fragment4fragment5");
  };
  family.add("5.19", "a text in five parts with pings and a rest between them", [=](Script& s) {
    s.send_together(begin).pause(milliseconds(50)).send_together(end);
    expect(s);
  });
  family.add("5.20", "a text in five parts with pings and a rest, one byte in each write",
             [=](Script& s) {
               s.send_together(begin, 1).pause(milliseconds(50)).send_together(end, 1);
               expect(s);
             });
}

}  // namespace

void add_fragmentation(Cases& cases) {
  Family family(cases, "5 fragmentation");
  family.section("RFC 6455 5.5");
  family.add("5.1", "ping in two parts", [](Script& s) {
    s.send_together({part(opcode::ping, "fragment1", false), last("fragment2")});
    must_fail(s);
  });
  family.add("5.2", "pong in two parts", [](Script& s) {
    s.send_together({part(opcode::pong, "fragment1", false), last("fragment2")});
    must_fail(s);
  });
  family.section("RFC 6455 5.4");
  add_cuts(family, 3, "text in two parts", {first("fragment1"), last("fragment2")},
           [](Script& s) { s.expect(text_item, "fragment1fragment2"); });
  add_cuts(family, 6, "text in two parts with a ping between them",
           {first("fragment1"), ping_frame("ping"), last("fragment2")},
           [](Script& s) { s.expect(pong_item, "ping").expect(text_item, "fragment1fragment2"); });
  add_cuts(family, 9, "continuation of nothing (FIN 1), then a text",
           {last("non-continuation"), text_frame("Hello, world!")}, must_fail);
  add_cuts(family, 12, "continuation of nothing (FIN 0), then a text",
           {middle("non-continuation"), text_frame("Hello, world!")}, must_fail);
  add_wrong_orders(family);
  add_long_message(family);
}

}  // namespace duplex::tools::suite

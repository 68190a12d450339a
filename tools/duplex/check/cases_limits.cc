// Sections 9 and 10: large messages, many parts, many messages.
#include <algorithm>

#include "cases.h"
#include "compression.h"

namespace duplex::tools::suite {
namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

std::string name_of(Item::Kind kind) { return kind == Item::Kind::text ? "text" : "binary"; }

std::string size_text(std::size_t size) {
  if (size >= mib) return std::to_string(size / mib) + " MiB";
  return size >= kib ? std::to_string(size / kib) + " KiB" : std::to_string(size) + " bytes";
}

// Refusing what is too large or too much is allowed; RFC 6455 section 7.4.1 has codes for it.
void or_refused(Script& script) {
  script.or_else({Verdict::informational, {}, {Ending::Kind::closed_by_peer, {1008, 1009}}});
}

std::string in_parts(Role role, Item::Kind kind, const std::string& payload, std::size_t size) {
  std::string bytes;
  for (std::size_t at = 0; at < payload.size(); at += size) {
    const unsigned first = kind == Item::Kind::text ? opcode::text : opcode::binary;
    bytes += encode(part(at == 0 ? first : opcode::continuation, payload.substr(at, size),
                         at + size >= payload.size()),
                    role);
  }
  return bytes;
}

void send_parts(Script& script, Item::Kind kind, std::size_t size, std::size_t part_size) {
  const std::string payload = filler(kind, size);
  script.send(in_parts(script.role(), kind, payload, part_size)).expect(kind, payload);
  or_refused(script);
}

void add_whole(Family& family, const std::string& prefix, Item::Kind kind) {
  int number = 0;
  for (const std::size_t size : {64 * kib, 256 * kib, mib, 4 * mib, 8 * mib, 16 * mib}) {
    family.load(size < mib ? Load::light : Load::heavy);
    family.add(prefix + std::to_string(++number), name_of(kind) + " of " + size_text(size),
               [=](Script& s) {
                 s.echo(kind, filler(kind, size));
                 or_refused(s);
               });
  }
}

void add_parts(Family& family, const std::string& prefix, Item::Kind kind) {
  int number = 0;
  for (std::size_t size = 64; size <= 4 * mib; size *= 4) {
    family.add(prefix + std::to_string(++number),
               name_of(kind) + " of 4 MiB in parts of " + size_text(size),
               [=](Script& s) { send_parts(s, kind, 4 * mib, size); });
  }
}

void add_pieces(Family& family, const std::string& prefix, Item::Kind kind) {
  int number = 0;
  for (std::size_t size = 64; size <= 2048; size *= 2) {
    family.add(prefix + std::to_string(++number),
               name_of(kind) + " of 1 MiB, " + size_text(size) + " in each write", [=](Script& s) {
                 s.echo(kind, filler(kind, mib), size);
                 or_refused(s);
               });
  }
}

// Each is sent when the one before has come back.
void round_trips(Script& script, Item::Kind kind, std::size_t size) {
  constexpr std::size_t count = 1000;
  const std::string payload = filler(kind, size);
  const unsigned code = kind == Item::Kind::text ? opcode::text : opcode::binary;
  for (std::size_t i = 1; i <= count; ++i) script.send(Frame{code, payload}).await(i);
  script.expect_row(kind, payload, count, count);
}

void add_round_trips(Family& family, const std::string& prefix, Item::Kind kind) {
  int number = 0;
  for (const std::size_t size : {0U, 16U, 64U, 256U, 1024U, 4096U}) {
    family.add(prefix + std::to_string(++number),
               "1,000 × " + name_of(kind) + " of " + size_text(size) + ", one after another",
               [=](Script& s) { round_trips(s, kind, size); });
  }
}

using Adder = void (*)(Family&, const std::string&, Item::Kind);

void add_both(Family& family, Adder add, int number) {
  add(family, "9." + std::to_string(number) + ".", Item::Kind::text);
  add(family, "9." + std::to_string(number + 1) + ".", Item::Kind::binary);
}

}  // namespace

void add_limits(Cases& cases) {
  Family family(cases, "9 limits");
  family.section("RFC 6455 5.2");
  add_both(family, add_whole, 1);
  family.load(Load::heavy).section("RFC 6455 5.4");
  add_both(family, add_parts, 3);
  family.section("RFC 6455 5.2");
  add_both(family, add_pieces, 5);
  add_both(family, add_round_trips, 7);
  Family fragments(cases, "10 automatic fragments");
  fragments.section("RFC 6455 5.4");
  fragments.add("10.1.1", "text of 65,536 bytes in parts of 1,300",
                [](Script& s) { send_parts(s, Item::Kind::text, 65536, 1300); });
}

// --- L: what is far above, and what stands at a limit that is known ------------------------------

namespace {

// What counts is the size of the message, not that of the payload.
void add_inflated_edges(Family& family, std::size_t limit) {
  const auto send_zeros = [](Script& script, std::size_t count) {
    Frame frame = binary_frame(deflate_zeros(count));
    frame.rsv = 4;
    script.compressed("permessage-deflate").send(frame);
  };
  const auto refused = [=](std::size_t count) {
    return [=](Script& s) {
      send_zeros(s, count);
      s.peer_closes({1009});
    };
  };
  family.add("F120", "compressed zeros, one above the limit", refused(limit + 1));
  family.add("F122", "compressed zeros, exactly the limit", [=](Script& s) {
    send_zeros(s, limit);
    s.expect(Item::Kind::binary, std::string(limit, '\0'));
  });
  family.add("F123", "compressed zeros, three above the limit", refused(limit + 3));
}

}  // namespace

void add_edges(Cases& cases, std::uint64_t limit) {
  Family family(cases, "L edge of the limit");
  family.section("RFC 6455 7.4.1").load(Load::heavy);
  const auto size = static_cast<std::size_t>(limit);
  const auto announce = [](std::uint64_t length) {
    Frame frame = binary_frame("");
    frame.length = length;
    return frame;
  };
  family.add("F19", "length of the limit + 1, header only",
             [=](Script& s) { s.send(announce(limit + 1)).peer_closes({1009}); });
  family.add("F20", "binary of exactly the limit",
             [=](Script& s) { s.echo(Item::Kind::binary, std::string(size, 'a')); });
  const Frame half = part(opcode::binary, std::string(size / 2, 'a'), false);
  const auto rest = [=](std::size_t more) {
    return part(opcode::continuation, std::string(size - size / 2 + more, 'a'), true);
  };
  family.add("F38", "two parts that exceed the limit by 1", [=](Script& s) {
    s.send_together({half, rest(1)}).peer_closes({1009});
  });
  family.add("F39", "two parts of exactly the limit", [=](Script& s) {
    s.send_together({half, rest(0)}).expect(Item::Kind::binary, std::string(size, 'a'));
  });
  add_inflated_edges(family, size);
}

}  // namespace duplex::tools::suite

// F100 to F130 and D: compressed messages, byte by byte, right ones and wrong ones.
#include <array>
#include <utility>

#include "cases.h"
#include "compression.h"
#include "corpus.h"

namespace duplex::tools::suite {
namespace {

using namespace std::string_literals;

constexpr auto text_item = Item::Kind::text;
constexpr auto binary_item = Item::Kind::binary;

struct Good {
  std::string_view id;
  Item::Kind kind;
  std::string_view title;
  std::string_view bytes;  // hexadecimal, without the 00 00 FF FF
  std::string_view message;
};
constexpr std::array<Good, 12> good_messages = {{
    {"F100", text_item, "one block with the fixed code", "f248cdc9c90700", "Hello"},
    {"F104", text_item, "stored block", "000500faff48656c6c6f00", "Hello"},
    {"F105", text_item, "block marked as the last one, and a byte", "f348cdc9c9070000", "Hello"},
    {"F106", text_item, "two blocks", "f24805000000ffffcac9c90700", "Hello"},
    {"F107", text_item, "nothing", "", ""},
    {"F108", text_item, "an empty block", "00", ""},
    {"D08", binary_item, "stored block behind a fixed one, in the middle of a byte",
     "4a04000100feff6200", "ab"},
    {"D17", binary_item, "distance 3 behind 3 bytes", "4a4c4a06220000", "abcabc"},
    {"D21", binary_item, "dynamic block without a distance code",
     "04e00104000000001000000000000000000000000008000000000000000000000000000000000000"
     "002400",
     "a"},
    {"D22", binary_item, "dynamic block with a single distance code",
     "0ce00108000000402054555555555555555555555555555555555555555555555575555555555555"
     "555555555555555555555555555555555555555555555555555555555555555555b105",
     "aaaa"},
    {"D28", binary_item, "dynamic block of nothing but its end",
     "04e00104000000001000000000000000000000000000000000000000000000000000000000000000"
     "0004",
     ""},
    {"D37", binary_item, "block marked as the last one", "cbc80400", "hi"},
}};

struct Bad {
  std::string_view id;
  Item::Kind kind;
  std::string_view title;
  std::string_view bytes;
};
// A message counts only when its last block ends where the payload and 00 00 FF FF end.
constexpr std::array<Bad, 27> bad_messages = {{
    {"F111", text_item, "block type 3", "06"},
    {"F112", text_item, "stored block whose lengths disagree", "000500000048656c6c6f00"},
    {"F113", binary_item, "distance before the beginning", "02020000"},
    {"F114", text_item, "dynamic header that is cut", "ed"},
    {"F115", text_item, "text: stored block that is cut", "00ffff0000616263"},
    {"F116", text_item, "code lengths: too many codes", "0400feff"},
    {"F117", text_item, "too many length codes", "fc0000"},
    {"F118", text_item, "dynamic block without an end", "040024e9ff6d"},
    {"F119", text_item, "repeated code length with nothing before", "0400244900"},
    {"D11", binary_item, "length symbol 286", "1a030000"},
    {"D12", binary_item, "length symbol 287", "1a070000"},
    {"D13", binary_item, "distance symbol 30", "4a4c4a063e0000"},
    {"D14", binary_item, "distance symbol 31", "4a4c4a067e0000"},
    {"D16", binary_item, "distance 4 behind 3 bytes", "4a4c4a06620000"},
    {"D23", binary_item, "dynamic block: distance code that does not exist",
     "0ce00108000000402054555555555555555555555555555555555555555555555575555555555555"
     "555555555555555555555555555555555555555555555555555555555555555555b1030000"},
    {"D24", binary_item, "dynamic block: match without a distance code",
     "0ce00108000000402054555555555555555555555555555555555555555555555575555555555555"
     "5555555555555555555555555555555555555555555555555555555555555555559101000000"},
    {"D26", binary_item, "dynamic block: too many literal codes",
     "04e00104000000001000000000000000000000000018000000000000000000000000000000000000"
     "00040000"},
    {"D27", binary_item, "dynamic block: too few literal codes",
     "04e00104000000400000000000000000000000000008000000000000000000000000000000000000"
     "00040000"},
    {"D29", binary_item, "dynamic block: too many distance codes",
     "0ce20108000000402054555555555555555555555555555555555555555555555575555555555555"
     "555555555555555555555555555555555555555555555555555555555555555555f1030000"},
    {"D30", binary_item, "dynamic block: too few distance codes",
     "0ce10108000000402054555555555555555555555555555555555555555555555575555555555555"
     "555555555555555555555555555555555555555555555555555555555555555555010000"},
    {"D32", binary_item, "dynamic block: too many distance lengths",
     "04fe0104000000001000000000000000000000000008000000000000000000000000000000000000"
     "000400000000"},
    {"D34", binary_item, "dynamic block: too many code lengths",
     "04e081040000000000fcff0300000000"},
    {"D35", binary_item, "dynamic block: too many codes of code lengths",
     "04e0810400000000100000000000"},
    {"D36", binary_item, "dynamic block: too few codes of code lengths",
     "04e0010900000000000000000000"},
    {"F128", binary_item, "binary: stored block that is cut", "00ffff0000616263"},
    {"F129", binary_item, "block with the fixed code that is cut",
     "6260646266616563e7e0e4e2e6e1e5e3171014121611151397909492969195935750545256515553"
     "d7d0d4d2d6d1d5d33730343236313533b7b0b4b2b6b1b5b37770747276717573f7f0f4f2f6f1f5f3"
     "0f080c0a0e090d0b8f888c8a8e898d8b4f484c4a4e494d4bcfc8cccacec9cdcb2f282c2a2e292d2b"
     "afa8acaaaea9adab6f686c6a6e696d6befe8eceaeee9edeb9f3071d2e429"},
    {"F130", binary_item, "block that is cut so that the tail completes a code",
     "ca48cdc9c957c84090"},
}};

Frame compressed(std::string payload, unsigned code = opcode::binary, bool fin = true) {
  Frame frame{code, std::move(payload), fin};
  frame.rsv = 4;
  return frame;
}

Frame compressed(std::string payload, Item::Kind kind) {
  return compressed(std::move(payload), kind == text_item ? opcode::text : opcode::binary);
}

void offer(Script& script, const std::string& terms = {}) {
  script.compressed("permessage-deflate" + terms);
}

// 1007 says it best; other codes that fail the connection are no harm.
void must_fail(Script& script) {
  script.peer_closes({1007});
  script.or_else({Verdict::non_strict, {}, {Ending::Kind::closed_by_peer, {1002, 1003}}});
}

void add_good(Family& family) {
  for (const Good& row : good_messages) {
    family.add(std::string(row.id), std::string(row.title), [row](Script& s) {
      offer(s);
      s.send(compressed(from_hex(row.bytes), row.kind)).expect(row.kind, std::string(row.message));
    });
  }
}

void add_bad(Family& family) {
  for (const Bad& row : bad_messages) {
    family.add(std::string(row.id), std::string(row.title), [row](Script& s) {
      offer(s);
      s.send(compressed(from_hex(row.bytes), row.kind));
      must_fail(s);
    });
  }
}

const std::string hello = from_hex("f248cdc9c90700");

void add_frames_of(Family& family) {
  family.add("F101", "message in two frames", [](Script& s) {
    offer(s);
    s.send_together({compressed(hello.substr(0, 3), opcode::text, false),
                     part(opcode::continuation, hello.substr(3), true)});
    s.expect(text_item, "Hello");
  });
  family.add("F102", "message in frames of one byte", [](Script& s) {
    offer(s);
    s.send(compressed(hello.substr(0, 1), opcode::text, false));
    for (std::size_t i = 1; i < hello.size(); ++i) {
      s.send(part(opcode::continuation, hello.substr(i, 1), i + 1 == hello.size()));
    }
    s.expect(text_item, "Hello");
  });
  family.add("F103", "second message refers to the first", [](Script& s) {
    offer(s);
    s.send_together(
        {compressed(hello, opcode::text), compressed(from_hex("f200110000"), opcode::text)});
    s.expect(text_item, "Hello").expect(text_item, "Hello");
    Outcome refused;
    refused.items.push_back({.item = {text_item, "Hello"}});
    refused.ending = {Ending::Kind::closed_by_peer, {1002, 1007}};
    refused.parameter = "client_no_context_takeover";
    s.or_else(std::move(refused));
  });
  family.add("F109", "message that is not compressed", [](Script& s) {
    offer(s);
    s.echo(text_item, "Hello");
  });
  family.add("F98", "text that is not UTF-8", [](Script& s) {
    offer(s);
    s.send(compressed(from_hex("4a4cfa0f00"), opcode::text)).peer_closes({1007});
  });
}

void add_bits(Family& family) {
  const auto with_bits = [](Frame frame, unsigned rsv) {
    frame.rsv = rsv;
    return [frame](Script& s) {
      offer(s);
      s.send(frame).peer_closes({1002});
    };
  };
  family.add("F07", "RSV2", with_bits(text_frame("Hello"), 2));
  family.add("F54", "ping with RSV1", with_bits(ping_frame("*\0\0"s), 4));
  family.add("F55", "Close with RSV1", with_bits(Frame{opcode::close, from_hex("627e0100")}, 4));
  family.add("F110", "RSV1 on a continuation", [](Script& s) {
    offer(s);
    Frame second = part(opcode::continuation, hello.substr(3), true);
    second.rsv = 4;
    s.send_together({compressed(hello.substr(0, 3), opcode::text, false), second});
    s.peer_closes({1002});
  });
}

void add_terms(Family& family) {
  family.add("F125", "reference to a message whose context was not to be kept", [](Script& s) {
    offer(s, "; client_no_context_takeover");
    s.opening().needed_parameter = "client_no_context_takeover";
    const std::string alphabet = "abcdefghijklmnop";
    s.send_together({compressed(from_hex("4a4c4a4e494d4bcfc8cccacec9cdcb2f4824910f00")),
                     compressed(from_hex("a2940f00"))});
    s.expect(binary_item, alphabet + alphabet + alphabet + alphabet);
    must_fail(s);
    s.or_else({Verdict::non_strict, {}, {Ending::Kind::closed_by_peer, {1002, 1007}}});
  });
  family.add("F126", "distance beyond the window that was agreed", [](Script& s) {
    offer(s, "; client_max_window_bits=9");
    s.opening().needed_parameter = "client_max_window_bits=9";
    const std::string front = excerpt(Corpus::archive, 0, 2000);
    s.send(compressed(Deflater({}).message(front + front)));
    must_fail(s);
    s.or_else({Verdict::informational, {{.item = {binary_item, front + front}}}, {}});
  });
  family.add("F127", "block behind one that is marked as the last", [](Script& s) {
    offer(s);
    s.send(compressed(from_hex("f348cdc9c90700") + hello, opcode::text));
    s.expect(text_item, "HelloHello");
    s.or_else({Verdict::ok, {}, {Ending::Kind::closed_by_peer, {1007}}});
    s.or_else({Verdict::informational, {{.item = {text_item, "Hello"}}}, {}});
  });
}

// A dynamic block of 599 bits with all codes there are, of which only the last one is used.
constexpr std::string_view lonely_end =
    "0ce101400800000020fcffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff3fd43f";

std::string repeated(const std::string& bytes, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += bytes;
  return all;
}

void add_long(Family& family) {
  const auto good = [&family](const char* id, const char* title, const std::string& payload,
                              const std::string& message) {
    family.add(id, title, [=](Script& s) {
      offer(s);
      s.send(compressed(payload)).expect(binary_item, message);
    });
  };
  good("D04", "1,000 empty stored blocks", repeated(from_hex("000000ffff"), 1000) + '\0', "");
  std::string window(32768, '\0');
  for (std::size_t i = 0; i < window.size(); ++i) {
    window[i] = static_cast<char>((i / 64 + i % 64) % 128);
  }
  good("D20", "distance 32,768 behind as many bytes", deflate_with_match(window, 3, window.size()),
       window + window.substr(0, 3));
  good("D40", "400 dynamic blocks of nothing but their ends",
       repeated_bits(from_hex(lonely_end), 599, 400), "");
  family.section("RFC 6455 10.4");
  family.add("D41", "1 MiB and a byte of zeros in 1,033 bytes", [](Script& s) {
    offer(s);
    s.send(compressed(from_hex("ecc13101000000c2a0f54f6d085fa0") + std::string(1016, '\0') +
                      from_hex("4e03")));
    s.expect(binary_item, std::string(1048577, '\0'));
    s.or_else({Verdict::informational, {}, {Ending::Kind::closed_by_peer, {1008, 1009}}});
  });
}

void add_loads(Family& family) {
  family.section("RFC 6455 10.4").load(Load::flood);
  family.add("F121", "1 MiB that inflates to 1 GiB", [](Script& s) {
    offer(s);
    // A block in which 258 zeros cost two bits, both of them 0.
    const std::string bomb =
        from_hex("ecc101010000008220ffaf6e484001") + std::string(1048576, '\0');
    s.send(compressed(bomb)).peer_closes({1009});
    s.or_else({Verdict::informational, {}, {Ending::Kind::closed_by_peer, {1002, 1007, 1008}}});
    s.or_else({Verdict::informational, {}, {Ending::Kind::dropped, {}}});
  });
  family.add("F124", "150,000 empty blocks in one frame", [](Script& s) {
    offer(s);
    const std::string blocks = repeated(from_hex("000000ffff"), 150000);
    s.send(compressed(blocks + '\0')).expect(binary_item, "");
  });
}

}  // namespace

void add_deflate(Cases& cases) {
  Family family(cases, "D deflate");
  family.section("RFC 7692 7.2.2");
  add_good(family);
  add_frames_of(family);
  add_bad(family);
  add_long(family);
  family.section("RFC 7692 6");
  add_bits(family);
  // A server asks for other terms than a client.
  family.section("RFC 7692 7.1").subject(Subject::servers);
  add_terms(family);
  family.subject(Subject::any);
  add_loads(family);
}

}  // namespace duplex::tools::suite

// F: frames that Autobahn does not try. Length forms, masks, codes, endings, failing in time.
#include "cases.h"

namespace duplex::tools::suite {
namespace {

constexpr auto text_item = Item::Kind::text;
constexpr auto binary_item = Item::Kind::binary;
constexpr auto pong_item = Item::Kind::pong;

Outcome closed(Verdict verdict, std::vector<unsigned> codes) {
  return {verdict, {}, {Ending::Kind::closed_by_peer, std::move(codes)}};
}
Outcome left_open(Verdict verdict) { return {verdict, {}, {Ending::Kind::open, {}}}; }

std::function<void(Script&)> fails(Frame frame, unsigned code = 1002) {
  return [frame = std::move(frame), code](Script& s) { s.send(frame).peer_closes({code}); };
}

Frame with_form(Frame frame, LengthForm form) {
  frame.form = form;
  return frame;
}
Frame with_length(Frame frame, std::uint64_t length) {
  frame.form = LengthForm::bits_64;
  frame.length = length;
  return frame;
}

void add_masks(Family& family) {
  family.section("RFC 6455 5.1");
  family.add("F02", "text that is masked by a server, or not by a client", [](Script& s) {
    Frame frame = text_frame("Hello");
    frame.masked = s.role() == Role::server;
    s.send(frame).peer_closes({1002});
  });
  family.section("RFC 6455 5.3").subject(Subject::servers);
  family.add("F22", "text with the mask 00 00 00 00", [](Script& s) {
    Frame frame = text_frame("Hello");
    frame.key = std::string_view("\0\0\0\0", 4);
    s.send(frame).expect(text_item, "Hello");
  });
  family.subject(Subject::any);
}

void add_length_forms(Family& family) {
  family.section("RFC 6455 5.2");
  const Frame five = text_frame("Hello");
  family.add("F10", "16-bit length for 125 bytes",
             fails(with_form(binary_frame(std::string(125, 'a')), LengthForm::bits_16)));
  family.add("F11", "16-bit length for 0 bytes",
             fails(with_form(binary_frame(""), LengthForm::bits_16)));
  family.add("F12", "64-bit length for 65,535 bytes",
             fails(with_form(binary_frame(std::string(65535, 'a')), LengthForm::bits_64)));
  family.add("F13", "64-bit length for 5 bytes", fails(with_form(five, LengthForm::bits_64)));
  family.add("F56", "ping with a 16-bit length for 5 bytes",
             fails(with_form(ping_frame("ppppp"), LengthForm::bits_16)));
  family.add("F57", "ping with a length of 2^32", fails(with_length(ping_frame(""), 1ULL << 32)));
}

// Too long for anyone: 1009, or the peer waits for the rest, as RFC 6455 sets no limit.
void add_long_lengths(Family& family) {
  const auto top_bit = [](std::uint64_t length) {
    return [length](Script& s) {
      s.send(with_length(binary_frame(""), length)).peer_closes({1002});
      s.or_else(closed(Verdict::non_strict, {1009}));
    };
  };
  const auto too_long = [](const Frame& frame, std::uint64_t length, const char* payload = "") {
    return [=](Script& s) {
      s.send(encode(with_length(frame, length), s.role()) + payload).peer_closes({1009});
      s.or_else(closed(Verdict::informational, {1002, 1007, 1008}));
      s.or_else(left_open(Verdict::informational));
    };
  };
  family.add("F14", "length of 2^63: the top bit must be 0", top_bit(1ULL << 63));
  family.add("F15", "length of 2^64 - 1: the top bit must be 0", top_bit(~0ULL));
  family.add("F16", "length of 2^63 - 1, header only", too_long(binary_frame(""), ~0ULL >> 1));
  family.add("F17", "length of 2^53, header only", too_long(binary_frame(""), 1ULL << 53));
  family.add("F18", "length of 2^32 + 5, and 5 bytes",
             too_long(text_frame(""), (1ULL << 32) + 5, "Hello"));
  family.add("F23", "two bytes of a header, then nothing", [](Script& s) {
    s.send(encode(text_frame("Hello"), s.role()).substr(0, 2)).stays_open();
  });
}

void add_fragments(Family& family) {
  family.section("RFC 6455 5.4");
  family.add("F33", "half a text, then a binary", [](Script& s) {
    s.send_together({part(opcode::text, "a", false), binary_frame("b")}).peer_closes({1002});
  });
  family.add("F42", "text, then a continuation of nothing", [](Script& s) {
    s.send_together({text_frame("Hello"), part(opcode::continuation, "x", true)});
    s.expect(text_item, "Hello").peer_closes({1002});
    s.or_else(closed(Verdict::non_strict, {1002}));
  });
}

void add_control(Family& family) {
  family.section("RFC 6455 5.5");
  family.add("F53", "ping with FIN 0", fails(part(opcode::ping, "p", false)));
  family.add("F60", "pong with FIN 0", fails(part(opcode::pong, "x", false)));
  family.add("F79", "Close with FIN 0", fails(part(opcode::close, close_payload(1000), false)));
  family.add("F59", "pong of 126 bytes", fails(pong_frame(std::string(126, 'p'))));
}

void add_codes(Family& family) {
  family.section("RFC 6455 7.4 and the IANA registry");
  for (const unsigned code : {1012U, 1013U, 1014U}) {
    family.add("F72." + std::to_string(code), "Close with code " + std::to_string(code),
               [=](Script& s) { s.send(close_frame(code)).peer_closes({code}); });
  }
  for (const unsigned code : {1U, 1015U, 1999U}) {
    family.add("F73." + std::to_string(code), "Close with code " + std::to_string(code),
               fails(close_frame(code)));
  }
  family.section("RFC 6455 5.5.1");
  family.add("F77", "close reason that ends inside a character",
             fails(close_frame(1000, "ok\xe2\x82"), 1007));
  family.add("F78", "close reason with a surrogate",
             fails(close_frame(1000, "\xed\xa0\x80"), 1007));
  const auto then = [](const std::string& bytes) {
    return [bytes](Script& s) {
      s.send(encode(close_frame(1000), s.role()) + bytes).peer_closes({1000});
    };
  };
  family.add("F82", "Close, then garbage", then(std::string(50, '\xff')));
  family.add("F83", "Close, then a Close with another code", [](Script& s) {
    s.send_together({close_frame(1000), close_frame(4000)}).peer_closes({1000});
  });
}

void add_tcp_endings(Family& family) {
  family.section("RFC 6455 7.1.4");
  family.add("F84", "text, then FIN without Close",
             [](Script& s) { s.echo(text_item, "Hello").await_all().half_close().peer_drops(); });
  family.add("F85", "FIN inside the header of a frame",
             [](Script& s) { s.send("\x81").half_close().peer_drops(); });
}

// The bytes so far can never become valid: the peer should not wait for more.
std::function<void(Script&)> fails_early(const std::vector<Frame>& frames, std::size_t cut = 0) {
  return [=](Script& s) {
    std::string bytes;
    for (const Frame& frame : frames) bytes += encode(frame, s.role());
    s.send(cut == 0 ? bytes : bytes.substr(0, cut)).peer_closes({1007});
    s.or_else(left_open(Verdict::non_strict));
  };
}

void add_text(Family& family) {
  family.section("RFC 6455 8.1");
  const auto begin = [](const std::string& bytes) { return part(opcode::text, bytes, false); };
  const auto go_on = [](const std::string& bytes, bool fin) {
    return part(opcode::continuation, bytes, fin);
  };
  family.add("F92", "text in parts of one byte with a ping after each", [=](Script& s) {
    const std::string text = "\xce\xba\xcf\x8c\xcf\x83\xce\xbc\xce\xb5\xf0\x9f\x98\x80";
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::string byte = text.substr(i, 1);
      const bool fin = i + 1 == text.size();
      s.send(i == 0 ? begin(byte) : go_on(byte, fin));
      if (fin) break;
      s.send(ping_frame("p")).expect(pong_item, "p").await_all();
    }
    s.expect(text_item, text);
  });
  family.add("F93", "part with a byte that is never valid, no more after it",
             fails_early({begin("abc\xff")}));
  family.add("F94", "surrogate over two parts, no more after it",
             fails_early({begin("\xed"), go_on("\xa0", false)}));
  family.add("F95", "first half of a frame, with a byte that is never valid",
             fails_early({text_frame("abc\xff" + std::string(100, 'd'))}, 20));
  family.add("F96", "character that is not finished at the end", [=](Script& s) {
    s.send_together({begin("\xe2"), go_on("\x82", true)}).peer_closes({1007});
  });
  family.add("F97", "binary that is not UTF-8", [](Script& s) { s.echo(binary_item, "\xff\xfe"); });
}

}  // namespace

void add_frames(Cases& cases) {
  Family family(cases, "F frames");
  add_masks(family);
  add_length_forms(family);
  add_long_lengths(family);
  add_fragments(family);
  add_control(family);
  add_codes(family);
  add_tcp_endings(family);
  add_text(family);
}

}  // namespace duplex::tools::suite

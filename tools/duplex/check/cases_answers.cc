// K: the server's answer to an opening, right ones and wrong ones; only for clients.
#include "cases.h"

namespace duplex::tools::suite {
namespace {

const std::string status = "HTTP/1.1 101 Switching Protocols\r\n";
const std::string upgrade = "Upgrade: websocket\r\n";
const std::string connection = "Connection: Upgrade\r\n";
const std::string accept = "Sec-WebSocket-Accept: {accept}\r\n";
const std::string whole = status + upgrade + connection + accept;

// The client must not open: neither answer the message behind the head, nor stay.
std::function<void(Script&)> fails(const std::string& response) {
  return [=](Script& s) {
    s.opening().wanted = Opening::Wanted::failure;
    s.opening().response = response;
    s.opening().glued = true;
    s.send(text_frame("hi")).peer_drops();
  };
}

std::function<void(Script&)> opens(const std::string& response) {
  return [=](Script& s) {
    s.opening().response = response;
    s.opening().glued = true;
    s.send(text_frame("hi")).expect(Item::Kind::text, "hi");
  };
}

void add_fields(Family& family) {
  family.add("K01", "right answer with a text behind it", opens(whole + "\r\n"));
  family.add("K02", "wrong Sec-WebSocket-Accept",
             fails(status + upgrade + connection +
                   "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"));
  family.add("K03", "no Sec-WebSocket-Accept", fails(status + upgrade + connection + "\r\n"));
  family.add("K04", "Sec-WebSocket-Accept twice", fails(whole + accept + "\r\n"));
  family.add("K05", "no Upgrade", fails(status + connection + accept + "\r\n"));
  family.add("K06", "Upgrade: h2c",
             fails(status + "Upgrade: h2c\r\n" + connection + accept + "\r\n"));
  family.add("K07", "no Connection", fails(status + upgrade + accept + "\r\n"));
  family.add("K21", "subprotocol that was not offered",
             fails(whole + "Sec-WebSocket-Protocol: evil\r\n\r\n"));
  family.add("K22", "two subprotocols that were not offered",
             fails(whole + "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n\r\n"));
}

void add_statuses(Family& family) {
  family.add("K08", "status 200", fails("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  family.add("K09", "status 401",
             fails("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"));
  family.add("K10", "status 302",
             fails("HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\n"
                   "Content-Length: 0\r\n\r\n"));
  family.add(
      "K11", "HTTP/1.0",
      fails("HTTP/1.0 101 Switching Protocols\r\n" + upgrade + connection + accept + "\r\n"));
  family.add("K12", "103 before the 101",
             opens("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + whole + "\r\n"));
  family.add("K38", "bytes that are not HTTP", fails(std::string("\x16\x03\x01\0\x05hello", 10)));
}

void add_extensions(Family& family) {
  family.section("RFC 6455 9.1");
  const auto answers = [](const std::string& value) {
    return fails(whole + "Sec-WebSocket-Extensions: " + value + "\r\n\r\n");
  };
  family.add("K13", "extension that was not offered", answers("x-foo"));
  family.section("RFC 7692 7.1");
  const std::string name = "permessage-deflate";
  family.add("K15", "permessage-deflate twice", answers(name + ", " + name));
  family.add("K16", "server_max_window_bits=16", answers(name + "; server_max_window_bits=16"));
  family.add("K17", "server_max_window_bits=7", answers(name + "; server_max_window_bits=7"));
  family.add("K18", "server_max_window_bits without a value",
             answers(name + "; server_max_window_bits"));
  family.add("K19", "unknown parameter", answers(name + "; foo"));
  family.add("K20", "parameter twice",
             answers(name + "; server_no_context_takeover; server_no_context_takeover"));
}

void add_syntax(Family& family) {
  std::string fields;
  for (int i = 0; i < 180000; ++i) fields += "X: y\r\n";
  family.section("RFC 9112 2.2");
  family.add("K23", "1 MiB of fields", fails(whole + fields + "\r\n"));
  family.add("K25", "lines that end in LF", [](Script& s) {
    std::string text = whole + "\r\n";
    std::erase(text, '\r');
    fails(text)(s);
    // A recipient may recognise a single LF as a line end.
    s.or_else({Verdict::non_strict, {{.item = {Item::Kind::text, "hi"}}}, {}});
  });
  family.section("RFC 9112 5.2");
  family.add("K26", "folded line", [](Script& s) {
    fails(status + "Upgrade:\r\n websocket\r\n" + connection + accept + "\r\n")(s);
    s.or_else({Verdict::non_strict, {{.item = {Item::Kind::text, "hi"}}}, {}});
  });
  family.section("RFC 9110 8.6");
  family.add("K27", "Content-Length, which means nothing here",
             opens(whole + "Content-Length: 5\r\n\r\n"));
  family.add("K28", "Transfer-Encoding: chunked, which must not be there", [](Script& s) {
    fails(whole + "Transfer-Encoding: chunked\r\n\r\n")(s);
    s.or_else({Verdict::ok, {{.item = {Item::Kind::text, "hi"}}}, {}});
  });
  family.section("RFC 6455 7.1.4");
  family.add("K37", "end of TCP right behind the answer", [](Script& s) {
    s.opening().response = whole + "\r\n";
    s.half_close().peer_drops();
  });
}

// Who waits for the rest for ever can be kept busy with nothing.
void add_silence(Family& family) {
  family.section("RFC 6455 4.1").load(Load::slow);
  family.add("K24", "half a head, then nothing for 11 s, then a text", [](Script& s) {
    s.opening().wanted = Opening::Wanted::failure;
    s.opening().response = "HTTP/1.1 101 X\r\nUpg";
    s.pause(milliseconds(11000)).send(text_frame("hi"));
    s.peer_drops().before_step(1);
    s.or_else({Verdict::informational, {}, {Ending::Kind::dropped, {}}});
    s.or_else({Verdict::informational, {}, {Ending::Kind::open, {}}});
  });
}

}  // namespace

void add_answers(Cases& cases) {
  Family family(cases, "K answers");
  family.subject(Subject::clients).section("RFC 6455 4.1");
  add_fields(family);
  add_statuses(family);
  add_extensions(family);
  add_syntax(family);
  add_silence(family);
}

}  // namespace duplex::tools::suite

// W: the client's opening handshake, right ones and wrong ones.
#include "cases.h"

namespace duplex::tools::suite {
namespace {

const std::string upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const std::string version = "Sec-WebSocket-Version: 13\r\n";
const std::string get = "GET {path} HTTP/1.1\r\n";
const std::string host = "Host: {host}\r\n";

// A whole request of those fields.
std::string with(const std::string& fields) { return get + host + fields + "\r\n"; }

std::function<void(Script&)> opens(const std::string& request,
                                   Verdict if_refused = Verdict::failed) {
  return [=](Script& s) {
    s.opening().request = request;
    s.opening().if_refused = if_refused;
    s.echo(Item::Kind::text, "Hello");
  };
}

std::function<void(Script&)> refused(const std::string& request,
                                     const std::string& required_field = {},
                                     Verdict if_accepted = Verdict::failed) {
  return [=](Script& s) {
    s.opening().wanted = Opening::Wanted::refusal;
    s.opening().request = request;
    s.opening().required_field = required_field;
    s.opening().if_accepted = if_accepted;
  };
}

// Not a WebSocket opening: whatever HTTP has to say to it, but never 101.
std::function<void(Script&)> not_opened(const std::string& request) {
  return [=](Script& s) {
    s.opening().wanted = Opening::Wanted::answer;
    s.opening().request = request;
  };
}

void add_upgrades(Family& family) {
  family.section("RFC 6455 4.2.1");
  family.add("W01", "opening as in RFC 6455", opens(with(upgrade + key + version)));
  family.add(
      "W02", "names and values in other case",
      opens(with("UPGRADE: WebSocket\r\nCONNECTION: keep-alive, upGRADE\r\n" + key + version)));
  family.add("W03", "Connection over two lines",
             opens(with("Upgrade: websocket\r\nConnection: keep-alive\r\nConnection: Upgrade\r\n" +
                        key + version)));
  family.section("RFC 9110 7.8");
  family.add("W04", "Upgrade: h2c, websocket",
             opens(with("Upgrade: h2c, websocket\r\nConnection: Upgrade\r\n" + key + version),
                   Verdict::non_strict));
  family.add("W05", "Upgrade: websocket/13",
             not_opened(with("Upgrade: websocket/13\r\nConnection: Upgrade\r\n" + key + version)));
  family.add("W06", "no Upgrade", not_opened(with("Connection: Upgrade\r\n" + key + version)));
  family.add("W07", "no Connection: Upgrade",
             not_opened(with("Upgrade: websocket\r\nConnection: keep-alive\r\n" + key + version)));
  family.add("W08", "Connection: xupgrade",
             not_opened(with("Upgrade: websocket\r\nConnection: xupgrade\r\n" + key + version)));
  family.add("W27", "HTTP/1.0",
             not_opened("GET {path} HTTP/1.0\r\n" + host + upgrade + key + version + "\r\n"));
  family.add("W66", "Upgrade to h2c",
             not_opened(with("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                             "HTTP2-Settings: AAMAAABkAAQAAP__\r\n")));
}

void add_keys(Family& family) {
  family.section("RFC 6455 4.2.1");
  const auto with_key = [](const std::string& value) {
    return refused(with(upgrade + "Sec-WebSocket-Key:" + value + "\r\n" + version));
  };
  family.add("W09", "no key", refused(with(upgrade + version)));
  family.add("W10", "empty key", with_key(""));
  family.add("W11", "key of 15 bytes", with_key(" AAAAAAAAAAAAAAAAAAAA"));
  family.add("W12", "key of 17 bytes", with_key(" AAAAAAAAAAAAAAAAAAAAAAA="));
  family.add("W13", "key without padding", with_key(" dGhlIHNhbXBsZSBub25jZQ"));
  family.add("W14", "key in the alphabet for URLs", with_key(" dGhl-HNhbXBsZSBub2_jZQ=="));
  family.add("W15", "key with a space inside", with_key(" dGhlIHNhbXBs ZSBub25jZQ=="));
  family.add("W17", "two keys", refused(with(upgrade + key + key + version)));
  family.section("RFC 4648 3.5");
  family.add("W16", "key whose unused bits are not 0",
             opens(with(upgrade + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n" + version)));
}

void add_versions(Family& family) {
  family.section("RFC 6455 4.2.2");
  const auto with_version = [](const std::string& fields) {
    return refused(with(upgrade + key + fields), "Sec-WebSocket-Version");
  };
  family.add("W18", "no version", with_version(""));
  for (const auto& [id, value] :
       {std::pair("W19", "8"), std::pair("W20", "14"), std::pair("W21", "013"),
        std::pair("W22", "+13"), std::pair("W23", "269"), std::pair("W24", "13, 8")}) {
    family.add(id, std::string("version ") + value,
               with_version("Sec-WebSocket-Version: " + std::string(value) + "\r\n"));
  }
  family.section("RFC 6455 11.3.5");
  family.add("W25", "version twice", refused(with(upgrade + key + version + version)));
}

void add_requests(Family& family) {
  family.section("RFC 6455 4.2.1");
  family.add("W26", "POST",
             refused("POST {path} HTTP/1.1\r\n" + host + upgrade + key + version +
                     "Content-Length: 0\r\n\r\n"));
  family.section("RFC 9112 3.2");
  family.add("W28", "no Host", refused(get + upgrade + key + version + "\r\n"));
  family.add("W29", "two Hosts",
             refused(get + host + "Host: b\r\n" + upgrade + key + version + "\r\n"));
  family.section("RFC 6454 7.3");
  family.add("W32", "two Origins",
             refused(with(upgrade + key + version +
                          "Origin: https://a.example\r\n"
                          "Origin: https://b.example\r\n"),
                     {}, Verdict::non_strict));
  family.section("RFC 9110 7.8");
  const auto body = [](const std::string& field, const std::string& bytes) {
    return refused(with(upgrade + key + version + field) + bytes, {}, Verdict::non_strict);
  };
  family.add("W62", "opening with a body", body("Content-Length: 5\r\n", "hello"));
  family.add("W63", "opening with a chunked body",
             body("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"));
  family.section("RFC 6455 5.3");
  family.add("W61", "text with the mask 00 00 00 00 in the same write as the opening",
             [](Script& s) {
               Frame frame = text_frame("hello");
               frame.key = std::string_view("\0\0\0\0", 4);
               s.opening().request = with(upgrade + key + version);
               s.opening().glued = true;
               s.send(frame).expect(Item::Kind::text, "hello");
             });
  family.section("RFC 6455 4.2.2");
  family.add(
      "W64", "request behind an opening that is refused",
      refused(with(upgrade + key + "Sec-WebSocket-Version: 99\r\n") + with(upgrade + key + version),
              "Sec-WebSocket-Version"));
}

void add_subprotocols(Family& family) {
  family.section("RFC 6455 4.1");
  const auto with_protocols = [](const std::string& value) {
    return with(upgrade + key + version + "Sec-WebSocket-Protocol: " + value + "\r\n");
  };
  // They may be ignored by who does not speak any.
  const auto wrong = [&](const std::string& value) {
    return refused(with_protocols(value), {}, Verdict::informational);
  };
  family.add("W34", "subprotocols that nobody speaks",
             opens(with_protocols("no-such-x, no-such-y")));
  family.add("W35", "subprotocols over two lines",
             opens(with(upgrade + key + version +
                        "Sec-WebSocket-Protocol: no-such-x\r\n"
                        "Sec-WebSocket-Protocol: no-such-y\r\n")));
  family.add("W36", "a subprotocol twice", wrong("no-such-x, no-such-x"));
  family.add("W37", "a subprotocol with a space", wrong("cha t"));
  family.add("W38", "an empty subprotocol", wrong("no-such-x,,no-such-y"));
  family.add("W39", "a subprotocol with 8,000 spaces", wrong("b" + std::string(8000, ' ') + "x"));
}

std::string with_extensions(const std::string& value) {
  return with(upgrade + key + version + "Sec-WebSocket-Extensions: " + value + "\r\n");
}

void add_offers(Family& family) {
  family.section("RFC 7692 7.1");
  const auto good = [](const std::string& value) { return opens(with_extensions(value)); };
  const auto declined = [](const std::string& value) {
    return [value](Script& s) {
      s.opening().must_decline = true;
      opens(with_extensions(value))(s);
    };
  };
  const std::string name = "permessage-deflate";
  family.add("W40", "offer of permessage-deflate", good(name));
  family.add("W41", "offer with client_max_window_bits", good(name + "; client_max_window_bits"));
  family.add("W42", "offer with client_max_window_bits=15",
             good(name + "; client_max_window_bits=15"));
  family.add("W43", "offer with server_max_window_bits=15",
             good(name + "; server_max_window_bits=15"));
  family.add("W44", "offer with server_max_window_bits=7",
             declined(name + "; server_max_window_bits=7"));
  family.add("W45", "offer with server_max_window_bits=16",
             declined(name + "; server_max_window_bits=16"));
  family.add("W46", "offer with server_max_window_bits and no value",
             declined(name + "; server_max_window_bits"));
  family.add("W47", "offer with server_max_window_bits=010",
             declined(name + "; server_max_window_bits=010"));
  family.add("W48", "offer with server_max_window_bits=\"10\"",
             good(name + "; server_max_window_bits=\"10\""));
  family.add("W49", "offer with server_no_context_takeover=1",
             declined(name + "; server_no_context_takeover=1"));
  family.add("W50", "offer with a parameter twice",
             declined(name + "; server_no_context_takeover; server_no_context_takeover"));
  family.add("W51", "offer with an unknown parameter", declined(name + "; foo=1"));
  family.add("W52", "bad offer, then a good one",
             good(name + "; server_max_window_bits=99, " + name));
}

void add_extensions(Family& family) {
  family.section("RFC 6455 9.1");
  family.add("W53", "extensions over two lines",
             opens(with(upgrade + key + version +
                        "Sec-WebSocket-Extensions: foo\r\n"
                        "Sec-WebSocket-Extensions: bar\r\n")));
  family.add("W54", "unknown extension", opens(with_extensions("foo; bar=baz")));
  family.add("W55", "extensions named constructor and __proto__",
             opens(with_extensions("constructor; __proto__=1")));
  const auto wrong = [](const std::string& value) {
    return refused(with_extensions(value), {}, Verdict::informational);
  };
  family.add("W56", "extensions: permessage-deflate;;", wrong("permessage-deflate;;"));
  family.add("W57", "extensions: a comma first", wrong(",permessage-deflate"));
  family.add("W58", "extensions: a quote that does not end",
             wrong("permessage-deflate; server_max_window_bits=\"1"));
  family.add("W59", "extensions: a quoted value that is no token",
             wrong("permessage-deflate; x=\"a b\""));
  std::string offers = "permessage-deflate; server_max_window_bits=99";
  for (int i = 1; i < 150; ++i) offers += ", permessage-deflate; server_max_window_bits=99";
  family.add("W60", "150 offers that cannot be accepted", wrong(offers));
}

void add_sizes(Family& family) {
  family.section("RFC 6585 5");
  std::string fields;
  for (int i = 0; i < 2000; ++i) fields += "X" + std::to_string(i) + ": y\r\n";
  family.add("W65", "2,000 fields before the opening's own",
             refused(with(fields + upgrade + key + version), {}, Verdict::informational));
}

}  // namespace

void add_openings(Cases& cases) {
  Family family(cases, "W openings");
  family.subject(Subject::servers);
  add_upgrades(family);
  add_keys(family);
  add_versions(family);
  add_requests(family);
  add_subprotocols(family);
  add_offers(family);
  add_extensions(family);
  add_sizes(family);
}

}  // namespace duplex::tools::suite

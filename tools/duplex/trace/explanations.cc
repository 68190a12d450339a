// One paragraph for each kind of line.
#include "explanations.h"

#include <algorithm>
#include <array>

namespace duplex::tools::trace {
namespace {

struct Explanation {
  std::string_view name;
  std::string_view text;
};

constexpr std::array transport = {
    Explanation{"SYN",
                "TCP carries a stream of bytes, and numbers each of them, so that lost ones can be "
                "sent again and none is taken twice. The first number is chosen at random, so that "
                "nobody can guess it. Options are what the sender can do: MSS is the largest piece "
                "it takes, SACK lets the other side say exactly what is missing, TS puts times on "
                "segments, WS multiplies the window. RFC 9293 section 3.5."},
    Explanation{"SYN AGAIN",
                "No answer to the first one has come in time (1 s at first, and twice as long each "
                "time): it was lost, or its answer was. So the connection is late by that time. "
                "RFC 6298 section 2."},
    Explanation{"SYN-ACK",
                "Two things in one: SYN, because the way back has numbers of its own, and ACK, "
                "because the SYN has come. ack is always the number of the byte that is expected "
                "next. RFC 9293 section 3.5."},
    Explanation{"SYN-ACK AGAIN",
                "The third packet of the opening has not come in time, or the SYN has come again. "
                "RFC 9293 section 3.5."},
    Explanation{"ACK",
                "An acknowledgement without data. It says which byte is expected next, and so that "
                "all before it have come. It says nothing of whether a program has read them: that "
                "is why applications have pings of their own. RFC 9293 section 3.10."},
    Explanation{"DATA",
                "A piece of the stream of bytes. TCP knows nothing of messages: where one ends and "
                "the next begins is for the layers above to know. RFC 9293 section 3.7."},
    Explanation{"DATA, FIN", "The last piece of the stream, and the end of it in one segment."},
    Explanation{
        "FIN",
        "The end of one direction; the other one may go on. It takes a number, like a byte, "
        "so that it can be acknowledged. RFC 9293 section 3.6."},
    Explanation{"FIN AGAIN",
                "As data, a FIN is sent again until it is acknowledged: it or its acknowledgement "
                "was lost. RFC 9293 section 3.6, RFC 6298."},
    Explanation{"RST",
                "No orderly end: the other side forgets the connection, with everything that has "
                "not been read yet. RFC 9293 section 3.5.2."},
    Explanation{"RETRANSMISSION",
                "No acknowledgement has come in time (at first 200 ms or more), or several have "
                "come that ask for the same byte. The sender cannot know whether the segment or "
                "its acknowledgement was lost. RFC 6298, RFC 5681 section 3.2."},
    Explanation{"OUT OF ORDER",
                "Bytes are only given to the application in order, so these wait: what is lost "
                "holds up everything behind it (head-of-line blocking). RFC 9293 section 3.4."},
    Explanation{"FILLS THE GAP",
                "What waited behind these bytes can be given to the application now, all at once. "
                "RFC 9293 section 3.4."},
    Explanation{"ACK, SACK",
                "A selective acknowledgement names what has come behind the gap, so that only the "
                "gap has to be sent again. RFC 2018."},
    Explanation{"ACK, D-SACK",
                "A first block below ack, or inside the second block, names what has come twice. "
                "So the sender learns that the first copy was not lost: it has sent again too "
                "early, or the network has doubled a packet. RFC 2883."},
    Explanation{"ZERO WINDOW",
                "The window is how many bytes the receiver has room for. Its application does not "
                "read, so the sender has to stop: this is where back-pressure comes from. RFC 9293 "
                "section 3.8.6."},
    Explanation{"KEEP-ALIVE",
                "A segment with an old number, which the other side must answer. RFC 9293 section "
                "3.8.4."},
    Explanation{"BAD CHECKSUM",
                "The ones' complement sum of header, data and addresses is not what it should be. "
                "RFC 9293 section 3.1."},
};

constexpr std::array network = {
    Explanation{"LOOPBACK",
                "The loopback interface hands packets from one program of this machine to another. "
                "It puts an Ethernet header before them, so that they look like any others, but "
                "there is nobody to address."},
    Explanation{"ETHERNET",
                "Layer 2 addresses cards, not machines. At each router this header is taken off, "
                "and a new one for the next cable put on."},
    Explanation{"IPv4",
                "Layer 3 finds the way from one machine to another. It promises nothing: packets "
                "may be lost, doubled, or overtake each other. TTL keeps them from going round for "
                "ever; DF forbids routers to cut them. RFC 791."},
    Explanation{"IPv6",
                "As IPv4, with addresses of 16 bytes and no checksum of its own. RFC 8200."},
};

constexpr std::array application = {
    Explanation{"GET",
                "A WebSocket begins as an HTTP request, so that it passes where HTTP passes, and "
                "shares port 80. Upgrade says what to switch to; the key is 16 random bytes, for "
                "the server to prove that it has read this very request. RFC 6455 section 4.1."},
    Explanation{
        "101",
        "From the empty line on, this is no HTTP any more. The value of "
        "Sec-WebSocket-Accept is no secret and protects nothing: it keeps a server that "
        "only knows HTTP, and caches on the way, from being taken for a WebSocket. RFC 6455 "
        "section 4.2.2."},
    Explanation{"TEXT",
                "2+5 bytes are 2 of header and 5 of payload. FIN 1: the whole message is in this "
                "frame. RSV is 0 unless an extension uses it. "
                "The opcode says what it is: 1 is text, 2 binary. Length up to 125 stands in the "
                "second byte; 126 means that two bytes with it follow, 127 that eight do. RFC 6455 "
                "section 5.2."},
    Explanation{"BINARY", "As text, but any bytes are allowed. RFC 6455 section 5.6."},
    Explanation{"CONTINUATION",
                "A message may come in several frames: the first says what it is, the others are "
                "continuations, and the last has FIN 1. RFC 6455 section 5.4."},
    Explanation{
        "PING",
        "Asks whether the other side is there, and keeps proxies from forgetting the "
        "connection. Whoever gets it must send its payload back in a pong. RFC 6455 section "
        "5.5.2."},
    Explanation{"PONG", "The answer to a ping, with the same payload. RFC 6455 section 5.5.3."},
    Explanation{"CLOSE",
                "The closing handshake: whoever gets a Close frame answers with one. Then the "
                "server ends TCP. The first two bytes of the payload are a code, the rest is a "
                "reason in UTF-8. RFC 6455 section 7."},
    Explanation{"MASKED",
                "A client masks what it sends with a key of its own for each frame, so that a web "
                "page cannot choose which bytes pass over the wire, and thereby trick proxies that "
                "take them for HTTP. It is no encryption: the key stands beside it. RFC 6455 "
                "sections 5.3 and 10.3."},
    Explanation{"NOT MASKED", "A server must not mask what it sends. RFC 6455 section 5.1."},
    Explanation{"COMPRESSED",
                "RSV1 says that the message is compressed by DEFLATE (permessage-deflate): what "
                "occurred before is replaced by where it occurred. RFC 7692."},
    Explanation{
        "SESSION",
        "The Internet's own model has no layers 5 and 6: what they stand for is done inside "
        "of the application's protocols. Here the session is the time from 101 to Close."},
};

template <class Table>
std::string_view find(const Table& table, std::string_view name) {
  const auto* found = std::find_if(table.begin(), table.end(),
                                   [name](const Explanation& item) { return item.name == name; });
  return found == table.end() ? std::string_view() : found->text;
}

}  // namespace

std::string explanation_of(std::string_view name) {
  for (const std::string_view text :
       {find(transport, name), find(network, name), find(application, name)}) {
    if (!text.empty()) return std::string(text);
  }
  return "";
}

}  // namespace duplex::tools::trace

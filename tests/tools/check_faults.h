// The faults of deliberately broken servers, each with a case of the suite that must find it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../../tools/duplex/check/opening.h"
#include "../../tools/duplex/check/utf8_reference.h"
#include "check_bulk_faults.h"
#include "check_fault_makers.h"

namespace duplex::tools::suite {

// --- Frames that come ----------------------------------------------------------------------------

inline std::vector<Fault> header_faults() {
  return {
      incoming("accepts frames without a mask", "F02", [](WireFrame&) {}),
      incoming("accepts lengths that are not minimal", "F10", [](WireFrame&) {}),
      incoming("accepts pings with long lengths", "F56", [](WireFrame&) {}),
      incoming("accepts reserved bits in data", "3.1",
               [](WireFrame& frame) {
                 if (is_data(frame)) frame.first_byte &= 0x8F;
               }),
      incoming("accepts reserved bits in control frames", "3.6",
               [](WireFrame& frame) {
                 if (!is_data(frame)) frame.first_byte &= 0x8F;
               }),
      drops_incoming("ignores reserved data opcodes", "4.1.1",
                     [](const WireFrame& frame) { return is_reserved(frame) && is_data(frame); }),
      drops_incoming("ignores reserved control opcodes", "4.2.2",
                     [](const WireFrame& frame) { return is_reserved(frame) && !is_data(frame); }),
      incoming("takes a reserved opcode for binary", "4.1.2",
               [](WireFrame& frame) {
                 if (is_reserved(frame)) set_opcode(frame, opcode::binary);
               }),
  };
}

inline std::vector<Fault> control_faults() {
  return {
      incoming("cuts pings that are too long", "2.5",
               [](WireFrame& frame) {
                 if (!is_data(frame))
                   frame.payload.resize(std::min<std::size_t>(frame.payload.size(), 125));
               }),
      incoming("accepts control frames in parts", "F53",
               [](WireFrame& frame) {
                 if (!is_data(frame)) frame.first_byte |= 0x80;
               }),
      incoming("answers pongs", "2.8",
               [](WireFrame& frame) {
                 if (is_pong(frame)) set_opcode(frame, opcode::ping);
               }),
      drops_incoming("ignores pings", "2.2",
                     [](const WireFrame& frame) { return frame.opcode() == opcode::ping; }),
  };
}

inline std::vector<Fault> fragment_faults() {
  return {
      incoming("delivers parts as messages", "5.3",
               [](WireFrame& frame) {
                 if (frame.opcode() == opcode::continuation) set_opcode(frame, opcode::text);
                 frame.first_byte |= 0x80;
               }),
      {.name = "ignores continuations of nothing",
       .caught_by = "5.9",
       .incoming =
           [open = std::make_shared<bool>(false)](WireFrames& frames) {
             std::erase_if(frames, [open](const WireFrame& frame) {
               const bool lonely = frame.opcode() == opcode::continuation && !*open;
               if (is_data(frame)) *open = !frame.fin() && !lonely;
               return lonely;
             });
           }},
      {.name = "takes a new message for a continuation",
       .caught_by = "5.18",
       .incoming =
           [open = std::make_shared<bool>(false)](WireFrames& frames) {
             for (WireFrame& frame : frames) {
               if (!is_data(frame)) continue;
               if (*open) set_opcode(frame, opcode::continuation);
               *open = !frame.fin();
             }
           }},
      {.name = "looks at text only when it is whole",
       .caught_by = "6.4.1",
       .incoming =
           [held = std::make_shared<WireFrames>()](WireFrames& frames) {
             held->insert(held->end(), frames.begin(), frames.end());
             frames.clear();
             if (!held->empty() && held->back().fin()) frames.swap(*held);
           }},
      {.name = "looks at frames only when they are whole",
       .caught_by = "6.4.3",
       .incoming = [](WireFrames&) {}},
  };
}

inline std::vector<Fault> text_faults() {
  const auto repair = [](const FramePredicate& which, std::string with) {
    return [which, with = std::move(with)](WireFrame& frame) {
      if (which(frame) && !is_utf8(frame.payload)) frame.payload = with;
    };
  };
  const auto is_text = [](const WireFrame& frame) { return frame.opcode() == opcode::text; };
  return {
      incoming("replaces what is not UTF-8", "6.3.1", repair(is_text, "\xef\xbf\xbd")),
      incoming("accepts surrogates", "6.20.1",
               [](WireFrame& frame) {
                 if (frame.payload == "\xed\xa0\x80") frame.payload = "?";
               }),
      incoming("refuses noncharacters", "6.22.1",
               [](WireFrame& frame) {
                 if (frame.payload == "\xef\xbf\xbe") frame.payload = "\xff";
               }),
      incoming("accepts a character cut at the end", "6.6.1",
               [](WireFrame& frame) {
                 if (frame.payload == "\xce") frame.payload.clear();
               }),
  };
}

inline std::vector<Fault> close_faults() {
  return {
      incoming("accepts reasons that are not UTF-8", "7.5.1",
               [](WireFrame& frame) {
                 if (is_close(frame))
                   frame.payload.resize(std::min<std::size_t>(frame.payload.size(), 2));
               }),
      incoming("accepts a Close of one byte", "7.3.2",
               [](WireFrame& frame) {
                 if (is_close(frame) && frame.payload.size() == 1) frame.payload.clear();
               }),
      incoming("accepts every close code", "7.9.3",
               [](WireFrame& frame) {
                 if (is_close(frame) && code_of(frame) == 1004) {
                   frame.payload = support::close_payload(1000);
                 }
               }),
      incoming("does not know close code 1012", "F72.1012",
               [](WireFrame& frame) {
                 if (is_close(frame) && code_of(frame) == 1012) {
                   frame.payload = support::close_payload(1016);
                 }
               }),
      {.name = "goes on after Close",
       .caught_by = "7.1.4",
       .incoming =
           [](WireFrames& frames) {
             std::stable_partition(frames.begin(), frames.end(), is_data);
           }},
      outgoing("sends 1005", "7.3.1",
               [](WireFrame& frame) {
                 if (is_close(frame) && frame.payload.empty()) {
                   frame.payload = support::close_payload(1005);
                 }
               }),
      outgoing("answers every Close with 1000", "7.7.2",
               [](WireFrame& frame) {
                 if (is_close(frame)) frame.payload = support::close_payload(1000);
               }),
      outgoing("says 1002 about text", "6.3.1",
               [](WireFrame& frame) {
                 if (is_close(frame) && code_of(frame) == 1007) {
                   frame.payload = support::close_payload(1002);
                 }
               }),
      drops_outgoing("does not answer Close", "7.3.3", is_close),
      drops_outgoing(
          "fails without a Close frame", "3.1",
          [](const WireFrame& frame) { return is_close(frame) && code_of(frame) == 1002; }),
      {.name = "does not end TCP", .caught_by = "7.3.3", .leaves_tcp_open = true},
  };
}

// --- Frames that it sends ------------------------------------------------------------------------

inline std::vector<Fault> pong_faults() {
  return {
      drops_outgoing("swallows pongs", "2.1", is_pong),
      outgoing("forgets what a pong carries", "2.2",
               [](WireFrame& frame) {
                 if (is_pong(frame)) frame.payload.clear();
               }),
      {.name = "sends pongs in pairs, the wrong way round",
       .caught_by = "2.10",
       .outgoing =
           [held = std::make_shared<WireFrames>()](WireFrames& frames) {
             for (std::size_t i = 0; i < frames.size(); ++i) {
               if (!is_pong(frames[i])) continue;
               if (held->empty()) {
                 held->push_back(frames[i]);
                 frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(i--));
               } else {
                 frames.insert(frames.begin() + static_cast<std::ptrdiff_t>(++i), held->front());
                 held->clear();
               }
             }
           }},
      {.name = "sends pongs in parts",
       .caught_by = "2.2",
       .outgoing =
           [](WireFrames& frames) {
             for (WireFrame& frame : frames) {
               if (is_pong(frame)) frame.first_byte &= 0x7F;
             }
           }},
  };
}

inline std::vector<Fault> sending_faults() {
  return {
      outgoing("mixes up text and binary", "1.1.2",
               [](WireFrame& frame) {
                 if (is_message(frame)) frame.first_byte ^= 3;
               }),
      outgoing("loses the last byte of what is large", "1.1.7",
               [](WireFrame& frame) {
                 if (frame.payload.size() > 65535) frame.payload.pop_back();
               }),
      outgoing("masks, though it is a server", "1.1.1",
               [](WireFrame& frame) { frame.masking_key = support::wire_masking_key; }),
      outgoing("sets a reserved bit", "1.2.1", [](WireFrame& frame) { frame.first_byte |= 0x40; }),
      outgoing("sends reserved opcodes", "1.2.1",
               [](WireFrame& frame) {
                 if (is_message(frame)) set_opcode(frame, 3);
               }),
      outgoing("sends text that is not UTF-8", "1.1.2",
               [](WireFrame& frame) {
                 if (is_message(frame)) frame.payload[0] = '\xff';
               }),
      {.name = "echoes twice",
       .caught_by = "1.1.2",
       .outgoing =
           [](WireFrames& frames) {
             if (!frames.empty() && is_message(frames.front())) frames.push_back(frames.front());
           }},
      {.name = "never ends a message",
       .caught_by = "1.1.2",
       .outgoing =
           [](WireFrames& frames) {
             for (WireFrame& frame : frames) {
               if (is_message(frame)) frame.first_byte &= 0x7F;
             }
           }},
      {.name = "sends lengths that are not minimal",
       .caught_by = "1.1.2",
       .outgoing_bytes =
           [](std::string& bytes) {
             if (bytes.size() == 127) bytes.replace(1, 1, std::string("\x7e\0\x7d", 3));
           }},
  };
}

// --- The opening ---------------------------------------------------------------------------------

inline std::vector<Fault> opening_faults() {
  const std::string sample = "Sec-WebSocket-Key: " + std::string(usual_key) + "\r\n";
  return {
      {.name = "computes a wrong Sec-WebSocket-Accept",
       .caught_by = "1.1.1",
       .response =
           [](std::string& text) { text = replaced(text, "Accept: s3pP", "Accept: s3pQ"); }},
      {.name = "answers without Upgrade",
       .caught_by = "1.1.1",
       .response = [](std::string& text) { text = replaced(text, "Upgrade: websocket\r\n", ""); }},
      {.name = "agrees to what was not offered",
       .caught_by = "1.1.1",
       .response =
           [](std::string& text) {
             text.insert(text.size() - 2, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
           }},
      {.name = "chooses a subprotocol of its own",
       .caught_by = "1.1.1",
       .response =
           [](std::string& text) {
             text.insert(text.size() - 2, "Sec-WebSocket-Protocol: x\r\n");
           }},
      mistakes("accepts version 8", "W19", "Version: 8\r\n", "Version: 13\r\n"),
      mistakes("accepts version 013", "W21", "Version: 013\r\n", "Version: 13\r\n"),
      mistakes("does not look at the key", "W11", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA\r\n",
               sample),
      mistakes("takes xupgrade for upgrade", "W08", "Connection: xupgrade", "Connection: upgrade"),
      mistakes("opens over HTTP/1.0", "W27", " HTTP/1.0\r\n", " HTTP/1.1\r\n"),
      mistakes("looks at one protocol of Upgrade only", "W04", "h2c, websocket", "h2c"),
      mistakes("opens with a body", "W62", "Content-Length: 5\r\n", ""),
      mistakes("opens without Host", "W28", "HTTP/1.1\r\nUpgrade",
               "HTTP/1.1\r\nHost: a\r\nUpgrade"),
  };
}

// Takes the last request that came for the first one.
inline Fault skips(std::string name, std::string caught_by) {
  return {.name = std::move(name), .caught_by = std::move(caught_by), .request = [](auto& bytes) {
            const std::size_t last = bytes.rfind("GET ");
            if (last != std::string::npos) bytes.erase(0, last);
          }};
}

inline std::vector<Fault> http_faults() {
  return {
      mistakes("does not see a second Host", "H50", "Host: a\r\nHost: a\r\n", "Host: a\r\n"),
      mistakes("allows a space before a colon", "H59", "X : y", "X: y"),
      mistakes("unfolds lines", "H61", "\r\n b", " b"),
      mistakes("ends lines with LF", "H63", "y\nUpgrade", "y\r\nUpgrade"),
      mistakes("does not look at names", "H78", "X[]:", "X:"),
      mistakes("allows signs in Content-Length", "H92", "Content-Length: +0\r\n", ""),
      mistakes("does not allow an empty line in front", "H02", "\r\nGET", "\nGET"),
      mistakes("takes any method for GET", "H28", "TRACE ", "GET "),
      mistakes("does not know targets with a host", "H32", "GET http://a/", "GET http//a/"),
      mistakes("takes _ for -", "H81", "Content_Length", "Content-Length"),
      mistakes("does not wait for the end of the head", "H172", "Version: 13\r\n",
               "Version: 13\r\n\r\n"),
      {.name = "puts the target into its answer",
       .caught_by = "H41",
       .response = [](std::string& text) { text.insert(text.size() - 2, "X-Injected: y\r\n"); }},
  };
}

inline std::vector<Fault> smuggling_faults() {
  return {
      skips("takes Content-Length, though there is Transfer-Encoding", "H112"),
      skips("counts 30 digits in 64 bits", "H105"),
      skips("does not look at what it does not know in Transfer-Encoding", "H117"),
      skips("ends a chunk size with LF", "H148"),
      skips("allows signs in a chunk size", "H136"),
      skips("unfolds Transfer-Encoding", "H131"),
      skips("reads on behind Connection: close", "H165"),
      skips("looks for requests in a body that does not end", "H173"),
      {.name = "reads Content-Length as an octal number",
       .caught_by = "H97",
       .response = [](std::string& text) { text += "HTTP/1.1 405 No\r\n\r\n"; }},
  };
}

inline std::vector<Fault> all_faults() {
  std::vector<Fault> all;
  for (const auto& make :
       {header_faults, control_faults, fragment_faults, text_faults, close_faults, pong_faults,
        sending_faults, opening_faults, http_faults, smuggling_faults, compression_faults,
        inflate_faults, amount_faults, split_faults, slow_faults}) {
    for (Fault& fault : make()) all.push_back(std::move(fault));
  }
  return all;
}

}  // namespace duplex::tools::suite

// Faults of deliberately broken servers with compression, with much, and with pieces of it.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check_fault_makers.h"

namespace duplex::tools::suite {

// --- Compression ---------------------------------------------------------------------------------

inline bool is_compressed(const WireFrame& frame) { return (frame.first_byte & 0x40) != 0; }

// Reads a compressed payload as if it were `right`; both are hexadecimal.
inline Fault misreads(std::string name, std::string caught_by, std::string_view wrong,
                      std::string_view right) {
  return incoming(std::move(name), std::move(caught_by),
                  [wrong = from_hex(wrong), right = from_hex(right)](WireFrame& frame) {
                    if (is_compressed(frame) && frame.payload == wrong) frame.payload = right;
                  });
}

inline std::vector<Fault> compression_faults() {
  websocket::DeflateOptions with_context;
  with_context.context_takeover = true;
  return {
      outgoing("does not mark what it has compressed", "12.1.3",
               [](WireFrame& frame) {
                 if (is_message(frame)) frame.first_byte &= 0xBF;
               }),
      {.name = "forgets the context, and does not say so",
       .caught_by = "12.1.4",
       .response =
           [](std::string& text) { text = replaced(text, "; client_no_context_takeover", ""); }},
      {.name = "keeps the context that it said it would not",
       .caught_by = "13.2.4",
       .deflate = with_context,
       .agreed =
           [](websocket::DeflateParameters& agreed) { agreed.server_no_context_takeover = false; }},
      {.name = "reaches beyond the window that it said",
       .caught_by = "13.3.6",
       .agreed = [](websocket::DeflateParameters& agreed) { agreed.server_max_window_bits = 15; }},
  };
}

inline std::vector<Fault> inflate_faults() {
  constexpr std::string_view hello = "f248cdc9c90700";
  return {
      misreads("does not know stored blocks", "F104", "000500faff48656c6c6f00", "06"),
      misreads("takes a cut block for whole", "F115", "00ffff0000616263", hello),
      misreads("takes length symbol 286 for a length", "D11", "1a030000", hello),
      misreads("accepts dynamic blocks with too many literal codes", "D26",
               "04e00104000000001000000000000000000000000018000000000000000000000000000000000000"
               "00040000",
               hello),
      {.name = "keeps half of the window",
       .caught_by = "D20",
       .agreed = [](websocket::DeflateParameters& agreed) { agreed.client_max_window_bits = 14; }},
      misreads("does not look at text that was compressed", "F98", "4a4cfa0f00", hello),
      incoming("accepts RSV1 on continuations", "F110",
               [](WireFrame& frame) {
                 if (frame.opcode() == opcode::continuation) frame.first_byte &= 0xBF;
               }),
  };
}

// --- Limits, floods, pieces ----------------------------------------------------------------------

inline std::vector<Fault> amount_faults() {
  return {
      outgoing("counts lengths in 16 bits", "9.1.1",
               [](WireFrame& frame) {
                 if (is_message(frame)) frame.payload.resize(frame.payload.size() % 65536);
               }),
      {.name = "loses the 500th message",
       .caught_by = "9.7.2",
       .outgoing =
           [count = std::make_shared<int>(0)](WireFrames& frames) {
             std::erase_if(frames, [count](const WireFrame& frame) {
               return is_message(frame) && ++*count == 500;
             });
           }},
      {.name = "counts parts in 16 bits",
       .caught_by = "B01",
       .incoming =
           [count = std::make_shared<int>(0)](WireFrames& frames) {
             std::erase_if(frames, [count](const WireFrame& frame) {
               return is_data(frame) && !frame.fin() && ++*count == 65536;
             });
           }},
      {.name = "keeps no more than 1,000 answers",
       .caught_by = "B02",
       .outgoing =
           [](WireFrames& frames) { frames.resize(std::min<std::size_t>(frames.size(), 1000)); }},
  };
}

inline std::vector<Fault> split_faults() {
  return {
      {.name = "drops a read that is no whole header",
       .caught_by = "C01",
       .read =
           [](std::string& bytes) {
             if (bytes.size() < 2) bytes.clear();
           }},
      {.name = "has no room for more than 10 bytes of a read",
       .caught_by = "C06",
       .read = [](std::string& bytes) { bytes.resize(std::min<std::size_t>(bytes.size(), 10)); }},
      {.name = "forgets what comes with the request",
       .caught_by = "C22",
       .loses_early_frames = true},
      {.name = "forgets frames that come with the request",
       .caught_by = "W61",
       .loses_early_frames = true},
  };
}

inline std::vector<Fault> slow_faults() {
  return {
      {.name = "ignores a read of one byte",
       .caught_by = "B10",
       .read =
           [](std::string& bytes) {
             if (bytes.size() == 1) bytes.clear();
           }},
      {.name = "forgets parts that came before a ping",
       .caught_by = "B11",
       .incoming =
           [](WireFrames& frames) {
             for (WireFrame& frame : frames) {
               if (is_data(frame) && !frame.fin()) frame.payload.clear();
             }
           }},
      {.name = "inflates each read by itself",
       .caught_by = "B12",
       .read =
           [count = std::make_shared<int>(0)](std::string& bytes) {
             if (++*count == 50) bytes.clear();
           }},
      {.name = "waits 50 ms for a head", .caught_by = "B13", .head_time = milliseconds(50)},
  };
}

// --- The edge of the limit -----------------------------------------------------------------------

inline std::vector<Fault> edge_faults(std::size_t limit) {
  return {
      {.name = "allows one byte more", .caught_by = "F19", .limit = limit + 1},
      {.name = "allows one byte less", .caught_by = "F20", .limit = limit - 1},
      {.name = "allows one byte more in two parts", .caught_by = "F38", .limit = limit + 1},
      {.name = "allows one byte less in two parts", .caught_by = "F39", .limit = limit - 1},
      {.name = "allows one byte more of what was compressed",
       .caught_by = "F120",
       .limit = limit + 1},
      {.name = "allows one byte less of what was compressed",
       .caught_by = "F122",
       .limit = limit - 1},
      {.name = "allows three bytes more of what was compressed",
       .caught_by = "F123",
       .limit = limit + 3},
  };
}

}  // namespace duplex::tools::suite

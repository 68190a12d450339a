// permessage-deflate, the compression of whole messages: RFC 7692 section 7.2. No I/O.
//
//   DeflateWorkshop workshop;                             // one for each loop
//   const auto agreed = accept_deflate(offers, options);  // the opening handshake
//   if (agreed) protocol.set_extension(
//       make_permessage_deflate(Role::server, agreed->parameters, options, workshop));
#pragma once

#include <memory>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/codec/deflate.h"
#include "duplex/websocket/deflate_parameters.h"
#include "duplex/websocket/protocol.h"

namespace duplex::websocket {

// Compressors without context takeover, shared by all connections of a loop. One comes into being
// for each window and level that is used: codec::Deflater says what it costs.
// Owner: a server or client. Thread: one. It must outlive the extensions that use it.
class DeflateWorkshop {
 public:
  DeflateWorkshop();
  ~DeflateWorkshop();
  DeflateWorkshop(const DeflateWorkshop&) = delete;
  DeflateWorkshop& operator=(const DeflateWorkshop&) = delete;

  // The payload of a frame for `message` (section 7.2.1), which refers to no other message. Valid
  // until the next call. Empty when the message does not become smaller.
  Bytes compress(Bytes message, int level, int window_bits);
  // The same by a compressor with a context. Not empty, and to be sent: later ones refer to it.
  Bytes compress(Bytes message, codec::Deflater& deflater);

 private:
  struct Bench;   // a compressor and what it was made for
  struct Output;  // the last payload

  Bench& bench_for(int level, int window_bits);

  std::vector<std::unique_ptr<Bench>> benches_;
  std::unique_ptr<Output> output_;
};

// The extension for one connection. `options` and `workshop` must outlive it. Memory: about 100
// bytes; with our context takeover a compressor, once something has been sent; with the peer's, its
// window, once something has been received. A decoded message has memory of its own until the next
// event is asked for, of at most twice its size.
std::unique_ptr<Extension> make_permessage_deflate(Role role, const DeflateParameters& agreed,
                                                   const DeflateOptions& options,
                                                   DeflateWorkshop& workshop);

// True when messages sent under `agreed` by a `role` refer to no earlier ones: then one encoding
// with that window does for all such connections (encode_broadcast() of a compressed payload).
bool sends_without_context(Role role, const DeflateParameters& agreed) noexcept;
int sending_window_bits(Role role, const DeflateParameters& agreed) noexcept;

// As encode_broadcast(), compressed. Null when the message is to be sent as it is: it is shorter
// than the threshold, longer than max_size, does not become smaller, or is a text that is not
// UTF-8.
SharedBytes encode_deflated_broadcast(Opcode opcode, Bytes payload, const DeflateOptions& options,
                                      int window_bits, DeflateWorkshop& workshop);

}  // namespace duplex::websocket

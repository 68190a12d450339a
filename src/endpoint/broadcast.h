// One message for many receivers, in each encoding that some of them need.
#pragma once

#include <vector>

#include "duplex/endpoint/connection.h"
#include "duplex/websocket/permessage_deflate.h"

namespace duplex::endpoint {

// Encodings are made once each, when first asked for. Owner: the call that sends the message, whose
// payload and workshop must outlive it.
class Broadcast {
 public:
  Broadcast(Message message, websocket::DeflateWorkshop& workshop) noexcept
      : message_(message), workshop_(workshop) {}

  const Message& message() const noexcept { return message_; }
  // Null when the message is a text that is not UTF-8.
  const SharedBytes& plain();
  // For connections that compress without context takeover into that window.
  const SharedBytes& deflated(const websocket::DeflateOptions& options, int window_bits);

 private:
  struct Deflated {
    const websocket::DeflateOptions* options;
    int window_bits;
    SharedBytes frame;
  };

  Message message_;
  websocket::DeflateWorkshop& workshop_;
  SharedBytes plain_;
  std::vector<Deflated> deflated_;
};

}  // namespace duplex::endpoint

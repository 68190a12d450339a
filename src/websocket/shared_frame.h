// A frame for many receivers: encoded once, unmasked, shared by reference count.
#pragma once

#include "duplex/base/bytes.h"
#include "duplex/base/send_queue.h"
#include "duplex/websocket/frame.h"

namespace duplex::websocket {

// The header's length is that of `payload`.
SharedBytes shared_frame(FrameHeader header, Bytes payload);

}  // namespace duplex::websocket

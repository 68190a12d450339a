// Any bytes as what another server says, on each of the channels and in a stream. What is
// understood is the same when it is written and read again; else there is a reason.
#include <gtest/gtest.h>

#include <string>

#include "decisions.h"
#include "socketio/classic_messages.h"
#include "socketio/cluster_messages.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using Outcome = Result<socketio::ClusterMessage, std::string>;
using socketio::ClusterMessage;

const socketio::ClassicChannels channels("socket.io", "/");

Outcome read_classic(const std::string& channel, Bytes bytes) {
  if (channel == channels.requests) return socketio::decode_classic_request(bytes, {});
  if (channel == channels.responses) return socketio::decode_classic_response(bytes, {});
  return socketio::decode_classic_broadcast(bytes, "/", {});
}

// Bytes in JSON come back as the object that Node.js makes of them: from then on nothing changes.
void expect_classic(const ClusterMessage& message) {
  const std::string once = encode_classic(message, "/");
  const auto again = read_classic(channel_of(message, channels), as_bytes(once));
  ASSERT_TRUE(again) << again.error() << ": " << once;
  EXPECT_EQ(encode_classic(*again, "/"), once);
}

void expect_cluster(const ClusterMessage& message) {
  const std::string once = encode_cluster(message, "/");
  const auto again = socketio::decode_cluster(as_bytes(once), "/", {});
  ASSERT_TRUE(again) << again.error() << ": " << once;
  EXPECT_EQ(encode_cluster(*again, "/"), once);
  const socketio::StreamFields fields = encode_stream(message);
  const auto entry = decode_stream(message.uid, fields, {});
  ASSERT_TRUE(entry) << entry.error() << ": " << fields.data;
  EXPECT_EQ(encode_stream(*entry).data, fields.data);
}

void expect_reason(const Outcome& outcome) { EXPECT_TRUE(outcome || !outcome.error().empty()); }

void run(std::string_view input) {
  Decisions decisions(input);
  const std::uint64_t place = decisions.below(5);
  const std::string type(1, static_cast<char>('0' + decisions.below(12)));
  const std::string_view rest = input.substr(std::min<std::size_t>(2, input.size()));
  if (place < 3) {
    const std::string& channel = place == 0   ? channels.broadcasts
                                 : place == 1 ? channels.requests
                                              : channels.responses;
    const Outcome outcome = read_classic(channel, as_bytes(rest));
    expect_reason(outcome);
    if (outcome) expect_classic(*outcome);
    return;
  }
  const Outcome outcome = place == 3 ? socketio::decode_cluster(as_bytes(rest), "/", {})
                                     : socketio::decode_stream("u", {type, std::string(rest)}, {});
  expect_reason(outcome);
  if (outcome) expect_cluster(*outcome);
}

const Registration registration({"cluster_messages", run});

}  // namespace
}  // namespace duplex::fuzz

// What a connection costs in memory, and what happens when there is none.
#include <gtest/gtest.h>

#include <new>

#include "../support/allocations.h"
#include "session.h"

namespace duplex::websocket {
namespace {

using support::allocation_count;
using support::client_frame;
using support::live_allocation_count;
using support::live_allocation_size;

constexpr std::size_t kib = 1024;
constexpr std::size_t chunk = 64 * kib;
// The bookkeeping of an unfinished message, and what malloc rounds up.
constexpr std::size_t overhead = 512;

// A protocol alone, so that what is allocated is the protocol's or the queue's.
class MemoryTest : public testing::Test {
 protected:
  // The chunk that the thread keeps for its queues is there from now on.
  MemoryTest() { SendQueue().append(as_bytes("x")); }

  void receive(MutableBytes bytes) {
    protocol_.receive(bytes, {});
    while (auto event = protocol_.next_event()) {
      if (event->kind != Event::Kind::ping) ++messages_;
      last_size_ = event->payload.size();
    }
  }
  // From here on, what is allocated counts: the bytes to receive must have been made.
  void start_counting() {
    size_before_ = live_allocation_size();
    count_before_ = allocation_count();
  }
  std::size_t held() const { return live_allocation_size() - size_before_; }
  std::size_t allocated() const { return allocation_count() - count_before_; }

  ProtocolOptions options_;
  SendQueue queue_;
  Protocol protocol_{Role::server, options_, queue_, {}};
  std::size_t size_before_ = 0;
  std::size_t count_before_ = 0;
  int messages_ = 0;
  std::size_t last_size_ = 0;
};

TEST(ProtocolSizeTest, AnIdleConnectionIsSmall) { EXPECT_LE(sizeof(Protocol), 112u); }

TEST_F(MemoryTest, AWholeMessageAllocatesNothing) {
  auto bytes = support::to_bytes(client_frame(0x81, "Hello") + client_frame(0x82, "") +
                                 client_frame(0x82, std::string(100 * kib, 'x')));
  start_counting();
  receive(bytes);
  EXPECT_EQ(allocated(), 0u);
  EXPECT_EQ(messages_, 3);
}

TEST_F(MemoryTest, AnUnfinishedHeaderAllocatesNothing) {
  auto bytes = support::to_bytes(client_frame(0x82, std::string(65536, 'x')).substr(0, 13));
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    Protocol protocol(Role::server, options_, queue_, {});
    start_counting();
    protocol.receive(MutableBytes(bytes).first(size), {});
    EXPECT_FALSE(protocol.next_event());
    EXPECT_EQ(allocated(), 0u);
  }
}

TEST_F(MemoryTest, ACutMessageTakesOneBufferAndGivesItBack) {
  auto bytes = support::to_bytes(client_frame(0x82, std::string(16 * kib, 'x')));
  start_counting();
  receive(MutableBytes(bytes).first(10 * kib));
  EXPECT_EQ(allocated(), 2u);  // bookkeeping, and the buffer in its final size
  EXPECT_LE(held(), 16 * kib + overhead);
  receive(MutableBytes(bytes).subspan(10 * kib));
  EXPECT_EQ(allocated(), 2u);
  EXPECT_EQ(messages_, 1);
  EXPECT_EQ(held(), 0u);
}

TEST_F(MemoryTest, ALargeMessageHoldsAtMostTwiceWhatWasReceived) {
  constexpr std::size_t size = 1024 * kib;
  auto bytes = support::to_bytes(client_frame(0x82, std::string(size, 'x')));
  std::size_t at = 20;
  start_counting();
  receive(MutableBytes(bytes).first(at));
  while (at < bytes.size()) {
    const MutableBytes target = protocol_.receive_target();
    const MutableBytes rest = MutableBytes(bytes).subspan(at);
    if (target.empty()) {
      receive(rest);
      break;
    }
    EXPECT_LE(held(), 2 * at + chunk + overhead) << at;
    const std::size_t count = std::min({target.size(), rest.size(), std::size_t{50'000}});
    std::copy_n(rest.begin(), count, target.begin());
    protocol_.received_in_place(count, {});
    at += count;
    while (auto event = protocol_.next_event()) last_size_ = event->payload.size();
  }
  EXPECT_EQ(last_size_, size);
  EXPECT_LE(allocated(), 8u);
  EXPECT_EQ(held(), 0u);
}

// Rows F16 to F19, and a header that promises all the limit allows: the announced length is never
// what an allocation is sized by.
TEST_F(MemoryTest, AnnouncedLengthsAllocateNothing) {
  for (const char* hex :
       {"82 ff 7f ff ff ff ff ff ff ff 37 fa 21 3d", "82 ff 00 20 00 00 00 00 00 00 37 fa 21 3d",
        "82 ff 00 00 00 01 00 00 00 05 37 fa 21 3d", "82 ff 00 00 00 00 01 00 00 01 37 fa 21 3d",
        "82 ff 00 00 00 00 01 00 00 00 37 fa 21 3d"}) {
    auto bytes = support::to_bytes(support::from_hex(hex));
    ProtocolOptions unlimited;
    unlimited.max_message_size = static_cast<std::size_t>(-1);
    for (const ProtocolOptions* options : {&options_, &unlimited}) {
      SendQueue queue;
      Protocol protocol(Role::server, *options, queue, {});
      const std::size_t before = live_allocation_size();
      protocol.receive(bytes, {});
      EXPECT_FALSE(protocol.next_event());
      queue.clear();
      EXPECT_LE(live_allocation_size() - before, overhead) << hex;
    }
  }
}

// Row T04: a byte a second of a frame that promises 16 MiB.
TEST_F(MemoryTest, ASlowLargeFrameHoldsLittle) {
  auto header = support::to_bytes(support::from_hex("82 ff 00 00 00 00 01 00 00 00 37 fa 21 3d"));
  std::vector<std::byte> byte(1);
  start_counting();
  receive(header);
  for (std::size_t received = 1; received <= 1000; ++received) {
    receive(byte);
    ASSERT_LE(held(), 2 * received + chunk + overhead);
  }
}

// Rows F38 to F41: many fragments, with and without payload.
TEST_F(MemoryTest, FragmentsHoldAtMostTwiceTheirPayload) {
  auto first = support::to_bytes(client_frame(0x02, ""));
  const auto fragments = support::to_bytes(client_frame(0x00, "x") + client_frame(0x00, ""));
  auto copy = fragments;
  start_counting();
  receive(first);
  for (std::size_t payload = 1; payload <= 8000; ++payload) {
    copy = fragments;  // of the same size: this allocates nothing
    receive(copy);
    ASSERT_LE(held(), 2 * payload + chunk + overhead);
  }
  // The buffer doubles, so a flood of fragments costs linear time.
  EXPECT_LE(allocated(), 20u);
  EXPECT_EQ(protocol_.state(), State::open);
  EXPECT_EQ(messages_, 0);
}

TEST_F(MemoryTest, EmptyFragmentsHoldNothing) {
  std::string flood = client_frame(0x01, "");
  for (int i = 0; i < 16'000; ++i) flood += client_frame(0x00, "");
  auto bytes = support::to_bytes(flood);
  start_counting();
  receive(bytes);
  EXPECT_LE(held(), overhead);
}

TEST_F(MemoryTest, APieceByPieceMessageIsNeverHeld) {
  options_.deliver_fragments = true;
  auto bytes = support::to_bytes(client_frame(0x82, std::string(1024 * kib, 'x')));
  start_counting();
  for (std::size_t at = 0; at < bytes.size(); at += 10 * kib) {
    const std::size_t count = std::min(10 * kib, bytes.size() - at);
    receive(MutableBytes(bytes).subspan(at, count));
    EXPECT_LE(held(), overhead);
  }
  EXPECT_EQ(held(), 0u);
}

TEST_F(MemoryTest, ControlFramesCutInsideAMessageLeaveNothingBehind) {
  auto message = support::to_bytes(client_frame(0x02, "abc"));
  auto end = support::to_bytes(client_frame(0x80, "def"));
  const auto ping = support::to_bytes(client_frame(0x89, std::string(125, 'p')));
  auto copy = ping;
  start_counting();
  receive(message);
  for (int i = 0; i < 100; ++i) {
    copy = ping;
    receive(MutableBytes(copy).first(50));
    receive(MutableBytes(copy).subspan(50));
    queue_.clear();
    EXPECT_LE(held(), overhead);
  }
  receive(end);
  EXPECT_EQ(messages_, 1);
  EXPECT_EQ(last_size_, 6u);
  EXPECT_EQ(held(), 0u);
}

// Each cut ping needs a few bytes behind a message that has just grown by one.
TEST_F(MemoryTest, CutControlFramesBetweenFragmentsCopyTheMessageSeldom) {
  auto first = support::to_bytes(client_frame(0x02, std::string(64 * kib, 'x')));
  const auto pair =
      support::to_bytes(client_frame(0x89, std::string(125, 'p')) + client_frame(0x00, "x"));
  auto copy = pair;
  queue_.set_blocked(true);  // pongs are owed, not queued
  start_counting();
  receive(first);
  for (int i = 0; i < 1000; ++i) {
    copy = pair;
    receive(MutableBytes(copy).first(50));
    receive(MutableBytes(copy).subspan(50));
  }
  EXPECT_LE(allocated(), 5u);
  EXPECT_LE(held(), 2 * (65 * kib) + chunk + overhead);
}

TEST_F(MemoryTest, ACutControlFrameAloneIsFreedAfterItsEvent) {
  auto pong = support::to_bytes(client_frame(0x8A, std::string(125, 'p')));
  start_counting();
  receive(MutableBytes(pong).first(50));
  EXPECT_GT(held(), 0u);
  EXPECT_LE(held(), overhead);
  receive(MutableBytes(pong).subspan(50));
  EXPECT_EQ(messages_, 1);
  EXPECT_EQ(held(), 0u);
}

TEST_F(MemoryTest, AFailureFreesTheMessage) {
  auto bytes = support::to_bytes(client_frame(0x02, std::string(100 * kib, 'x')) +
                                 client_frame(0x02, "wrong"));
  start_counting();
  receive(bytes);
  queue_.clear();
  EXPECT_EQ(protocol_.state(), State::closed);
  EXPECT_EQ(held(), 0u);
}

TEST_F(MemoryTest, SmallMessagesShareTheQueuesMemory) {
  start_counting();
  for (int i = 0; i < 7; ++i) protocol_.send_text(std::string_view("0123456789"));
  EXPECT_LE(allocated(), 1u);
}

// --- When memory runs out ------------------------------------------------------------------------

// Does `scenario` with the n-th allocation failing, for n = 0, 1, ... until none fails.
template <class Scenario>
int fail_each_allocation(const Scenario& scenario) {
  int failures = 0;
  for (std::size_t successes = 0;; ++successes) {
    const std::size_t before = live_allocation_count();
    bool failed = false;
    {
      ProtocolOptions options;
      SendQueue queue;
      CountingKeys keys;
      Protocol protocol(Role::server, options, queue, {}, &keys);
      try {
        const support::FailingAllocation failing(successes);
        scenario(protocol, queue);
      } catch (const std::bad_alloc&) {
        failed = true;
        // Whatever the state is: ending the connection is safe, and nothing more is read.
        protocol.fail(CloseCode::internal_error);
        EXPECT_FALSE(protocol.next_event());
        EXPECT_EQ(protocol.state(), State::closed);
      }
    }
    EXPECT_EQ(live_allocation_count(), before);
    if (!failed) return failures;
    ++failures;
  }
}

TEST(ProtocolOutOfMemoryTest, WhileAMessageIsCollected) {
  const auto bytes = support::to_bytes(client_frame(0x01, "Hello") + client_frame(0x00, ", ") +
                                       client_frame(0x89, "ping") + client_frame(0x80, "world"));
  const int failures = fail_each_allocation([&](Protocol& protocol, SendQueue&) {
    std::array<std::byte, 200> memory;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
      const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), count, memory.begin());
      protocol.receive(MutableBytes(memory).first(count), {});
      while (protocol.next_event()) {
      }
    }
  });
  EXPECT_GE(failures, 4);
}

TEST(ProtocolOutOfMemoryTest, WhileALargeMessageIsReceivedInPlace) {
  const auto bytes = support::to_bytes(client_frame(0x82, std::string(300 * kib, 'x')));
  std::vector<std::byte> memory(bytes.size());
  const int failures = fail_each_allocation([&](Protocol& protocol, SendQueue&) {
    std::copy(bytes.begin(), bytes.end(), memory.begin());
    protocol.receive(MutableBytes(memory).first(100), {});
    EXPECT_FALSE(protocol.next_event());
    for (std::size_t at = 100; at < bytes.size();) {
      const MutableBytes target = protocol.receive_target();
      const std::size_t count =
          std::min(target.empty() ? bytes.size() : target.size(), bytes.size() - at);
      if (target.empty()) {
        protocol.receive(MutableBytes(memory).subspan(at, count), {});
      } else {
        protocol.received_in_place(count, {});
      }
      at += count;
      while (protocol.next_event()) {
      }
    }
  });
  EXPECT_GE(failures, 3);
}

TEST(ProtocolOutOfMemoryTest, WhileSomethingIsSent) {
  const std::string payload(8 * kib, 'x');
  const int failures = fail_each_allocation([&](Protocol& protocol, SendQueue& queue) {
    protocol.send_text(payload);
    protocol.send_text(payload, Protocol::Hold::borrow);
    protocol.send_fragment(Opcode::binary, as_bytes(payload), false);
    protocol.send_fragment(Opcode::continuation, as_bytes(payload), true);
    protocol.send_encoded(encode_broadcast(Opcode::text, as_bytes(payload)));
    queue.own_borrowed();
    queue.set_blocked(true);
    std::array<std::byte, 6> ping = {std::byte{0x89}, std::byte{0x80}};
    protocol.receive(ping, {});
    while (protocol.next_event()) {
    }
    protocol.on_drained();
    protocol.start_closing_handshake(CloseCode::normal_closure);
  });
  EXPECT_GE(failures, 7);
}

TEST(ProtocolOutOfMemoryTest, NothingFollowsAHeaderWithoutItsPayload) {
  const std::string payload(8 * kib, 'x');
  ProtocolOptions options;
  SendQueue queue;
  Protocol protocol(Role::server, options, queue, {});
  SendQueue other;
  other.append(as_bytes("takes the chunk that may have been kept for reuse"));
  {
    const support::FailingAllocation second(1);
    EXPECT_THROW(protocol.send_text(payload, Protocol::Hold::borrow), std::bad_alloc);
  }
  EXPECT_EQ(queue.size(), 4u);
  EXPECT_EQ(protocol.state(), State::closed);
  EXPECT_EQ(protocol.send_text("x"), SendStatus::refused);
}

TEST(ProtocolOutOfMemoryTest, AFailedReceiveTellsThePeerIfItCan) {
  ProtocolOptions options;
  SendQueue queue;
  Protocol protocol(Role::server, options, queue, {});
  auto bytes = support::to_bytes(client_frame(0x01, "Hello"));
  protocol.receive(bytes, {});
  {
    const support::FailingAllocation first(0);
    EXPECT_THROW(protocol.next_event(), std::bad_alloc);
  }
  EXPECT_EQ(protocol.state(), State::closed);
  EXPECT_EQ(drain(queue), support::server_frame(0x88, support::close_payload(1011)));
}

// Nothing can be allocated, or so it seems to the protocol.
class NoKeys final : public MaskingKeySource {
 public:
  MaskingKey next_masking_key() override { throw std::bad_alloc(); }
};

TEST(ProtocolOutOfMemoryTest, AFailedReceiveEndsTheConnectionEvenIfNothingCanBeSent) {
  ProtocolOptions options;
  SendQueue queue;
  NoKeys keys;
  Protocol protocol(Role::client, options, queue, {}, &keys);
  auto bytes = support::to_bytes(support::server_frame(0x89, "ping"));
  protocol.receive(bytes, {});
  EXPECT_THROW(protocol.next_event(), std::bad_alloc);
  EXPECT_EQ(protocol.state(), State::closed);
  EXPECT_FALSE(protocol.close_sent());
  EXPECT_FALSE(protocol.next_event());
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace duplex::websocket

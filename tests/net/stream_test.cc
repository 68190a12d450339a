// A stream and everything that its kernel may say to it.
#include "net/stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "../support/allocations.h"
#include "scripted_kernel.h"

namespace duplex::net {
namespace {

using namespace std::chrono_literals;

struct Owner final : StreamOwner {
  std::string received;
  int ends = 0;
  int drains = 0;
  std::vector<std::error_code> closed;

  MutableBytes on_bytes(MutableBytes bytes) override {
    received += as_text(bytes);
    return {};
  }
  void on_end_of_stream() override { ++ends; }
  void on_drained() override { ++drains; }
  void on_closed(std::error_code error) override { closed.push_back(error); }
};

struct StreamTest : testing::Test {
  ScriptedKernel kernel;
  Reactor reactor{kernel, {.receive_buffer_size = 512}};
  Owner owner;
  Stream stream{reactor, owner};
  int fd = kernel.open_descriptor();

  std::deque<std::string> input;     // what each recv gives; then EAGAIN
  std::deque<std::ptrdiff_t> rooms;  // what each writev takes, or minus the errno; then all
  std::size_t most_pieces = 0;       // of one writev
  std::string wire;                  // what has been taken

  StreamTest() {
    kernel.on_recv = [this](MutableBytes bytes) { return give(bytes); };
    kernel.on_writev = [this](std::span<const Bytes> pieces) { return take(pieces); };
    EXPECT_FALSE(stream.open(fd));
  }

  std::ptrdiff_t give(MutableBytes bytes) {
    if (input.empty()) return -EAGAIN;
    const std::string text = input.front();
    input.pop_front();
    EXPECT_LE(text.size(), bytes.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return static_cast<std::ptrdiff_t>(text.size());
  }
  std::ptrdiff_t take(std::span<const Bytes> pieces) {
    most_pieces = std::max(most_pieces, pieces.size());
    std::string offered;
    for (const Bytes piece : pieces) offered += as_text(piece);
    if (rooms.empty()) {
      wire += offered;
      return static_cast<std::ptrdiff_t>(offered.size());
    }
    const std::ptrdiff_t room = rooms.front();
    rooms.pop_front();
    if (room < 0) return room;
    const std::string taken = offered.substr(0, static_cast<std::size_t>(room));
    wire += taken;
    return static_cast<std::ptrdiff_t>(taken.size());
  }

  void ready(std::uint32_t events) {
    kernel.batches.push_back({{fd, events}});
    reactor.turn(0ns);
  }
  void send(std::string_view text) {
    stream.queue().append(as_bytes(text));
    stream.request_flush();
    reactor.turn(0ns);
  }
  // Everything the kernel now takes.
  void write_until_empty() {
    for (int i = 0; i < 20'000 && waits_for_room(); ++i) ready(Ready::out);
  }
  bool waits_for_room() { return (kernel.interests.at(fd).events & Ready::out) != 0; }
  std::uint64_t calls(Call call) const { return kernel.counts().of(call); }
  void expect_closed_once(int error) {
    reactor.turn(0ns);
    ASSERT_EQ(owner.closed.size(), 1U);
    EXPECT_EQ(owner.closed.front().value(), error);
    EXPECT_FALSE(kernel.open.contains(fd));
    EXPECT_FALSE(kernel.interests.contains(fd));
    EXPECT_TRUE(stream.queue().empty());
    EXPECT_EQ(calls(Call::close), 1U);
  }
};

// A test with one of several errnos.
struct StreamErrors : StreamTest, testing::WithParamInterface<int> {};
using ReadErrors = StreamErrors;
using WriteErrors = StreamErrors;
using ShortMemory = StreamErrors;

// --- Reading

TEST_F(StreamTest, R10R23ReadyWithNothingToReadChangesNothing) {
  for (int i = 0; i < 3; ++i) ready(Ready::in);
  EXPECT_EQ(owner.received, "");
  EXPECT_TRUE(owner.closed.empty());
  input = {"late"};
  ready(Ready::in);
  EXPECT_EQ(owner.received, "late");
}

TEST_F(StreamTest, R11OneByteAtATime) {
  const std::string text = "each byte on its own";
  for (const char byte : text) input.emplace_back(1, byte);
  while (!input.empty()) ready(Ready::in);
  EXPECT_EQ(owner.received, text);
}

TEST_P(ReadErrors, R12CloseTheStreamOnce) {
  kernel.fail(Call::recv, GetParam());
  stream.queue().append(as_bytes("never sent"));
  ready(Ready::in | Ready::error | Ready::hang_up | Ready::read_hang_up);
  expect_closed_once(GetParam());
  EXPECT_EQ(owner.ends, 0);
}

INSTANTIATE_TEST_SUITE_P(Each, ReadErrors,
                         testing::Values(ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EPIPE,
                                         EIO));

TEST_F(StreamTest, R12BytesBeforeAnErrorAreDelivered) {
  input = {"last words"};
  ready(Ready::in | Ready::error | Ready::hang_up);
  EXPECT_EQ(owner.received, "last words");
  kernel.fail(Call::recv, ECONNRESET);
  ready(Ready::in | Ready::error | Ready::hang_up);
  expect_closed_once(ECONNRESET);
}

TEST_F(StreamTest, R14OneReadATurnHoweverMuchThereIs) {
  const std::string full(512, 'x');
  input.assign(10, full);
  Owner modest_owner;
  Stream modest(reactor, modest_owner);
  const int modest_fd = kernel.open_descriptor();
  ASSERT_FALSE(modest.open(modest_fd));
  for (std::size_t turn = 1; turn <= 3; ++turn) {
    kernel.batches.push_back({{fd, Ready::in}, {modest_fd, Ready::in}});
    reactor.turn(0ns);
    EXPECT_EQ(owner.received.size(), turn * full.size());
    EXPECT_EQ(modest_owner.received.size(), turn * full.size());
    EXPECT_EQ(calls(Call::recv), 2 * turn);
  }
}

// --- Writing

TEST_F(StreamTest, R15AFullKernelIsWaitedFor) {
  rooms = {-EAGAIN};
  send("patience");
  EXPECT_EQ(wire, "");
  EXPECT_TRUE(waits_for_room());
  send("!");  // not tried before there is room
  EXPECT_EQ(calls(Call::writev), 1U);
  ready(Ready::out);
  EXPECT_EQ(wire, "patience!");
  EXPECT_EQ(owner.drains, 1);
}

TEST_F(StreamTest, R16OneByteAtATimeCostsOneCallEach) {
  const std::string text(5000, 'x');
  rooms.assign(text.size() - 1, 1);
  send(text);
  write_until_empty();
  EXPECT_EQ(wire, text);
  EXPECT_EQ(calls(Call::writev), text.size());
  EXPECT_EQ(calls(Call::epoll_ctl), 4U) << "to watch eventfd and stream, for room and no more";
}

TEST_P(WriteErrors, R17AfterAPartCloseTheStreamOnce) {
  const std::string message(std::size_t{1} << 20, 'x');
  const std::size_t before = support::live_allocation_size();
  rooms = {3, -GetParam()};
  send(message);
  EXPECT_EQ(wire, "xxx");
  EXPECT_GE(support::live_allocation_size(), before + message.size() - 3);
  ready(Ready::out);
  expect_closed_once(GetParam());
  EXPECT_EQ(owner.drains, 0);
  EXPECT_LE(support::live_allocation_size(), before + (std::size_t{64} << 10));
}

INSTANTIATE_TEST_SUITE_P(Each, WriteErrors,
                         testing::Values(EPIPE, ECONNRESET, ETIMEDOUT, EHOSTUNREACH, EIO));

// Small pieces are copied together, larger shared ones stay apart.
TEST_F(StreamTest, R18WritesThatStopAnywhereInManyPieces) {
  constexpr std::size_t size = SendQueue::shared_reference_threshold;
  constexpr std::size_t count = 1100;
  std::string expected;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text(size, static_cast<char>('a' + i % 26));
    expected += text;
    const Bytes bytes = as_bytes(text);
    stream.queue().append(std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end()));
  }
  // Before, at and behind the boundary of the first piece, and of a later one.
  for (const std::size_t room :
       {size - 1, std::size_t{1}, size, size + 1, 3 * size - 1, size / 2}) {
    rooms.push_back(static_cast<std::ptrdiff_t>(room));
  }
  send({});
  write_until_empty();
  EXPECT_TRUE(wire == expected);
  EXPECT_GT(most_pieces, 1U);
  EXPECT_LE(most_pieces, 1024U);
}

TEST_P(ShortMemory, R19OfTheKernelIsWaitedForByTime) {
  rooms = {-GetParam(), -GetParam()};
  send("again");
  EXPECT_FALSE(waits_for_room()) << "there is room, so epoll would report it at once";
  const auto start = kernel.time;
  const auto turns = kernel.waits.size();
  while (wire.empty()) reactor.turn(1s);
  EXPECT_EQ(wire, "again");
  EXPECT_GE(kernel.time - start, 20ms);
  EXPECT_LE(kernel.waits.size() - turns, 4U);
  EXPECT_TRUE(owner.closed.empty());
}

TEST_P(ShortMemory, R19OfTheKernelIsWaitedForByTimeWhereRoomWasWaitedFor) {
  rooms = {1};
  send("again");
  EXPECT_TRUE(waits_for_room());
  rooms = {-GetParam()};
  ready(Ready::out);
  EXPECT_FALSE(waits_for_room()) << "there is room, so epoll would report it at once";
  EXPECT_EQ(owner.drains, 0);
  while (wire.size() < 5) reactor.turn(1s);
  EXPECT_EQ(wire, "again");
  EXPECT_EQ(owner.drains, 1);
}

INSTANTIATE_TEST_SUITE_P(Each, ShortMemory, testing::Values(ENOBUFS, ENOMEM));

TEST_F(StreamTest, R21RoomIsNotAskedForWithNothingQueued) {
  EXPECT_FALSE(waits_for_room());
  rooms = {1};
  send("ab");
  EXPECT_TRUE(waits_for_room());
  ready(Ready::out);
  EXPECT_FALSE(waits_for_room());
  const auto written = calls(Call::writev);
  ready(Ready::out);
  EXPECT_EQ(calls(Call::writev), written);
}

// --- Readiness and the end

TEST_F(StreamTest, R26WithoutAPlaceInEpollItIsClosed) {
  Owner other;
  Stream refused(reactor, other);
  const int number = kernel.open_descriptor();
  kernel.fail(Call::epoll_ctl, ENOSPC);
  EXPECT_EQ(refused.open(number), std::errc::no_space_on_device);
  EXPECT_FALSE(refused.is_open());
  EXPECT_FALSE(kernel.open.contains(number));
  EXPECT_TRUE(other.closed.empty()) << "the caller has been told";
}

TEST_F(StreamTest, R27AnInterestThatCannotBeChangedIsTheEnd) {
  kernel.fail(Call::epoll_ctl, ENOENT);
  stream.pause_reading();
  expect_closed_once(ENOENT);
}

TEST_F(StreamTest, R30AnErrorAloneIsAskedFor) {
  stream.pause_reading();
  kernel.socket_errors[fd] = ETIMEDOUT;
  ready(Ready::error);
  expect_closed_once(ETIMEDOUT);
}

// A Unix-domain socket's peer has closed: what it sent before may still be read.
TEST_F(StreamTest, R30AHangUpWithoutAnErrorWaitsForTheReader) {
  stream.pause_reading();
  ready(Ready::hang_up);
  EXPECT_TRUE(owner.closed.empty());
  EXPECT_EQ(kernel.interests.at(fd).events, Ready::edge);
  stream.resume_reading();
  EXPECT_EQ(kernel.interests.at(fd).events, Ready::in | Ready::read_hang_up);
}

// As when a handler that was told of another descriptor in the same turn has paused this one.
TEST_F(StreamTest, R30BytesForWhoHasPausedAreNoHangUp) {
  stream.pause_reading();
  ready(Ready::in);
  EXPECT_EQ(kernel.interests.at(fd).events, Ready::read_hang_up);
}

TEST_F(StreamTest, R30AHangUpBehindTheEndIsAReset) {
  input = {""};
  ready(Ready::in);
  ASSERT_EQ(owner.ends, 1);
  ready(Ready::hang_up);
  expect_closed_once(ECONNRESET);
}

TEST_F(StreamTest, R33ClosingIsNeverRepeated) {
  for (const int error : {EINTR, EIO}) {
    Owner other;
    Stream closing(reactor, other);
    const int number = kernel.open_descriptor();
    ASSERT_FALSE(closing.open(number));
    const auto before = calls(Call::close);
    kernel.fail(Call::close, error);
    closing.close();
    closing.close();
    EXPECT_EQ(calls(Call::close), before + 1);
    EXPECT_FALSE(closing.is_open());
  }
}

TEST_F(StreamTest, R34FinToAPeerThatHasGoneMayFail) {
  kernel.fail(Call::shutdown, ENOTCONN);
  stream.finish(1000);
  reactor.turn(0ns);
  EXPECT_EQ(calls(Call::shutdown), 1U);
  EXPECT_TRUE(stream.is_open());
  input = {""};
  ready(Ready::in);
  expect_closed_once(0);
}

}  // namespace
}  // namespace duplex::net

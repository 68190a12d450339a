// Tests of the queue of outgoing bytes.
#include "duplex/base/send_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "../support/allocations.h"

namespace duplex {
namespace {

using support::FailingAllocation;
using support::live_allocation_count;

std::string text_of(std::size_t size, char first = 'a') {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<char>(first + static_cast<int>(i % 23));
  return text;
}

SharedBytes shared(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
}

std::string content(const SendQueue& queue) {
  std::vector<Bytes> views(1000);
  views.resize(queue.gather(views));
  std::string all;
  for (Bytes view : views) all += as_text(view);
  EXPECT_EQ(all.size(), queue.size());
  return all;
}

std::size_t piece_count(const SendQueue& queue) {
  std::vector<Bytes> views(1000);
  return queue.gather(views);
}

bool refers_to(const SendQueue& queue, const void* memory) {
  std::array<Bytes, 1> front;
  return queue.gather(front) == 1 && front[0].data() == memory;
}

TEST(SendQueue, IsEmptyAndOwnsNothingAtFirst) {
  const std::size_t before = live_allocation_count();
  SendQueue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.size(), 0u);
  EXPECT_EQ(content(queue), "");
  EXPECT_EQ(live_allocation_count(), before);
}

TEST(SendQueue, JoinsSmallPiecesInOneChunk) {
  SendQueue queue;
  queue.append(as_bytes("one "));
  queue.append(as_bytes("two "));
  queue.append(shared("three"));
  EXPECT_EQ(content(queue), "one two three");
  EXPECT_EQ(piece_count(queue), 1u);
}

TEST(SendQueue, ReturnsItsMemoryWhenDrained) {
  SendQueue().append(as_bytes("x"));  // the thread keeps one chunk
  const std::size_t before = live_allocation_count();
  SendQueue queue;
  for (int i = 0; i < 100; ++i) queue.append(as_bytes(text_of(777)));
  EXPECT_GT(live_allocation_count(), before);
  queue.consume(queue.size());
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(live_allocation_count(), before);
}

TEST(SendQueue, ChunksGrowFromFourKibibytesToSixtyFour) {
  SendQueue queue;
  for (int i = 0; i < 400; ++i) queue.append(as_bytes(text_of(1000)));
  std::array<Bytes, 20> views;
  const std::size_t count = queue.gather(views);
  // 4 + 8 + 16 + 32 KiB hold 60 KiB, the rest lies in chunks of 64 KiB.
  EXPECT_EQ(count, 10u);
  EXPECT_LT(views[0].size(), 4096u);
  for (std::size_t i = 1; i < 5; ++i) EXPECT_GT(views[i].size(), 1.9 * double(views[i - 1].size()));
  EXPECT_EQ(views[5].size(), views[4].size());
  EXPECT_LT(views[5].size(), 65536u);
  EXPECT_EQ(queue.front().data(), views[0].data());
}

TEST(SendQueue, SmallChunksBetweenReferencesDoNotGrow) {
  const std::string payload = text_of(SendQueue::reference_threshold);
  SendQueue queue;
  for (int i = 0; i < 20; ++i) {
    queue.append(as_bytes("head"));
    queue.append_borrowed(as_bytes(payload));
  }
  EXPECT_EQ(piece_count(queue), 40u);
  const std::size_t before = support::live_allocation_size();
  queue.append(as_bytes("head"));
  EXPECT_LT(support::live_allocation_size() - before, 4200u);
}

TEST(SendQueue, SplitsALargeAppendOverTheRoomAndOneChunk) {
  SendQueue queue;
  queue.append(as_bytes("x"));
  const std::string large = text_of(300'000);
  queue.append(as_bytes(large));
  EXPECT_EQ(piece_count(queue), 2u);
  EXPECT_EQ(content(queue), "x" + large);
}

TEST(SendQueue, IgnoresNothing) {
  const std::size_t before = live_allocation_count();
  SendQueue queue;
  queue.append(Bytes{});
  queue.append(SharedBytes{});
  queue.append(shared(""));
  queue.append_borrowed(Bytes{});
  EXPECT_TRUE(queue.grow(0).empty());
  EXPECT_TRUE(queue.empty());
  queue.consume(0);
  EXPECT_EQ(live_allocation_count(), before);
}

TEST(SendQueue, RefersToSharedBytesAndLetsThemGo) {
  const SharedBytes frame = shared(text_of(SendQueue::shared_reference_threshold));
  SendQueue first;
  SendQueue second;
  first.append(frame);
  second.append(frame);
  EXPECT_EQ(frame.use_count(), 3);
  EXPECT_TRUE(refers_to(first, frame->data()));
  first.consume(first.size() - 1);
  EXPECT_EQ(frame.use_count(), 3);
  first.consume(1);
  second.clear();
  EXPECT_EQ(frame.use_count(), 1);
}

TEST(SendQueue, CopiesSmallSharedBytes) {
  const SharedBytes frame = shared(text_of(SendQueue::shared_reference_threshold - 1));
  SendQueue queue;
  queue.append(frame);
  EXPECT_EQ(frame.use_count(), 1);
  EXPECT_EQ(content(queue), as_text(*frame));
}

TEST(SendQueue, BorrowsLargePiecesAndCopiesSmallOnes) {
  std::string large = text_of(SendQueue::reference_threshold);
  std::string small = text_of(SendQueue::reference_threshold - 1);
  SendQueue queue;
  queue.append_borrowed(as_bytes(large));
  queue.append_borrowed(as_bytes(small));
  EXPECT_TRUE(refers_to(queue, large.data()));
  const std::string expected = large + small;
  small.assign(small.size(), '!');
  EXPECT_EQ(content(queue), expected);
}

TEST(SendQueue, OwnsBorrowedBytesOnDemand) {
  std::string first = text_of(5000, 'a');
  std::string second = text_of(6000, 'b');
  std::string third = text_of(7000, 'c');
  SendQueue queue;
  queue.append_borrowed(as_bytes(first));
  queue.append(as_bytes("between"));
  queue.append_borrowed(as_bytes(second));
  queue.append_borrowed(as_bytes(third));
  queue.consume(10);
  const std::string expected = content(queue);
  queue.own_borrowed();
  for (std::string* lent : {&first, &second, &third}) lent->assign(lent->size(), '!');
  EXPECT_EQ(content(queue), expected);
  queue.own_borrowed();
  queue.append(as_bytes(" end"));
  EXPECT_EQ(content(queue), expected + " end");
}

TEST(SendQueue, OwnBorrowedLeavesOtherPiecesAlone) {
  const std::string large = text_of(5000);
  const SharedBytes frame = shared(text_of(600));
  SendQueue queue;
  queue.append(frame);
  queue.append_borrowed(as_bytes(large));
  queue.own_borrowed();
  EXPECT_TRUE(refers_to(queue, frame->data()));
  EXPECT_EQ(content(queue), std::string(as_text(*frame)) + large);
}

TEST(SendQueue, GrowGivesOneContiguousPiece) {
  SendQueue queue;
  queue.append(as_bytes("12"));
  MutableBytes room = queue.grow(3);
  std::memcpy(room.data(), "345", 3);
  EXPECT_EQ(piece_count(queue), 1u);
  room = queue.grow(2000);
  ASSERT_EQ(room.size(), 2000u);
  std::memset(room.data(), 'x', room.size());
  EXPECT_EQ(content(queue), "12345" + std::string(2000, 'x'));
}

TEST(SendQueue, ConsumesAcrossPieces) {
  const std::string large = text_of(5000);
  SendQueue queue;
  queue.append(as_bytes("head"));
  queue.append_borrowed(as_bytes(large));
  queue.append(as_bytes("tail"));
  queue.consume(2);
  EXPECT_EQ(content(queue), "ad" + large + "tail");
  queue.consume(2);
  EXPECT_EQ(content(queue), large + "tail");
  queue.consume(5001);
  EXPECT_EQ(content(queue), "ail");
  queue.append(as_bytes("!"));
  EXPECT_EQ(content(queue), "ail!");
}

TEST(SendQueue, GathersOnlyWhatFits) {
  const std::string large = text_of(5000);
  SendQueue queue;
  for (int i = 0; i < 4; ++i) queue.append_borrowed(as_bytes(large));
  std::array<Bytes, 3> views;
  EXPECT_EQ(queue.gather(views), 3u);
  EXPECT_EQ(queue.gather({}), 0u);
}

TEST(SendQueue, MovesItsContentAndState) {
  const std::string large = text_of(5000);
  SendQueue source;
  source.append(as_bytes("abc"));
  source.append_borrowed(as_bytes(large));
  source.set_blocked(true);
  SendQueue moved(std::move(source));
  EXPECT_TRUE(
      source.empty());  // NOLINT(bugprone-use-after-move): the state after a move is defined
  EXPECT_FALSE(source.blocked());
  EXPECT_TRUE(moved.blocked());
  SendQueue assigned;
  assigned.append(as_bytes("old"));
  assigned = std::move(moved);
  EXPECT_TRUE(moved.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(content(assigned), "abc" + large);
  source.append(as_bytes("usable"));
  EXPECT_EQ(content(source), "usable");
}

TEST(SendQueue, StaysBlockedUntilDrained) {
  SendQueue queue;
  queue.append(as_bytes("abc"));
  queue.set_blocked(true);
  queue.consume(2);
  EXPECT_TRUE(queue.blocked());
  queue.consume(1);
  EXPECT_FALSE(queue.blocked());
}

// Runs `change` on a filled queue with each of its allocations failing in turn.
template <class Change>
void expect_unchanged_on_failure(Change change) {
  const std::string large = text_of(5000);
  bool failed = true;
  for (std::size_t successes = 0; failed; ++successes) {
    SendQueue queue;
    queue.append(as_bytes("start"));
    queue.append_borrowed(as_bytes(large));
    queue.append(as_bytes("middle"));
    queue.append_borrowed(as_bytes(large));
    queue.append(as_bytes("end"));
    const std::string before = content(queue);
    failed = false;
    try {
      FailingAllocation failing(successes);
      change(queue);
    } catch (const std::bad_alloc&) {
      failed = true;
      EXPECT_EQ(content(queue), before);
      queue.append(as_bytes("!"));
      EXPECT_EQ(content(queue), before + "!");
    }
  }
}

TEST(SendQueue, IsUnchangedWhenMemoryRunsOut) {
  const std::string large = text_of(5000);
  const SharedBytes frame = shared(large);
  expect_unchanged_on_failure([&](SendQueue& queue) { queue.append(as_bytes(large)); });
  expect_unchanged_on_failure([&](SendQueue& queue) { queue.append(frame); });
  expect_unchanged_on_failure([&](SendQueue& queue) { queue.append_borrowed(as_bytes(large)); });
  expect_unchanged_on_failure([&](SendQueue& queue) { queue.grow(5000); });
  expect_unchanged_on_failure([&](SendQueue& queue) { queue.own_borrowed(); });
  EXPECT_EQ(frame.use_count(), 1);
}

// What the queue must hold, kept in the simplest way.
class Model {
 public:
  void step(std::mt19937& random) {
    const std::string text = text_of(random() % (random() % 8 == 0 ? 9000 : 300));
    switch (random() % 8) {
      case 0:
        queue_.append(shared(text));
        break;
      case 1:
        lent_.push_back(std::make_unique<std::string>(text));
        queue_.append_borrowed(as_bytes(*lent_.back()));
        break;
      case 2:
        if (!text.empty()) std::memcpy(queue_.grow(text.size()).data(), text.data(), text.size());
        break;
      case 3:
        return own();
      case 4:
        return consume(random() % (expected_.size() + 1));
      default:
        queue_.append(as_bytes(text));
    }
    expected_ += text;
  }
  void check() const { ASSERT_EQ(content(queue_), expected_); }

 private:
  void own() {
    queue_.own_borrowed();
    lent_.clear();
  }
  void consume(std::size_t count) {
    queue_.consume(count);
    expected_.erase(0, count);
  }

  SendQueue queue_;
  std::string expected_;
  std::vector<std::unique_ptr<std::string>> lent_;
};

TEST(SendQueue, BehavesAsAStringUnderRandomUse) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    Model model;
    for (int i = 0; i < 100; ++i) {
      model.step(random);
      model.check();
    }
  }
}

}  // namespace
}  // namespace duplex

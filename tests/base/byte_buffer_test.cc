// Tests of the growable uninitialised buffer.
#include "base/byte_buffer.h"

#include <gtest/gtest.h>

#include <limits>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "../support/allocations.h"

namespace duplex {
namespace {

static_assert(sizeof(ByteBuffer) <= 24);

TEST(ByteBuffer, OwnsNothingWhenEmpty) {
  const std::size_t before = support::live_allocation_count();
  ByteBuffer buffer;
  buffer.append({});
  buffer.reserve(0);
  EXPECT_TRUE(buffer.grow(0).empty());
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.data(), nullptr);
  EXPECT_EQ(support::live_allocation_count(), before);
}

TEST(ByteBuffer, AppendsAndDoubles) {
  ByteBuffer buffer;
  std::string expected;
  const std::size_t before = support::allocation_count();
  for (int i = 0; i < 1000; ++i) {
    buffer.append(as_bytes("0123456789"));
  }
  EXPECT_LE(support::allocation_count() - before, 9u);
  for (int i = 0; i < 1000; ++i) expected += "0123456789";
  EXPECT_EQ(as_text(buffer.view()), expected);
}

TEST(ByteBuffer, ReservesExactly) {
  ByteBuffer buffer;
  buffer.append(as_bytes("abc"));
  buffer.reserve(1000);
  EXPECT_EQ(buffer.capacity(), 1000u);
  const std::byte* data = buffer.data();
  EXPECT_EQ(buffer.grow(997).data(), data + 3);
  EXPECT_EQ(std::as_const(buffer).data(), data);
  EXPECT_EQ(as_text(std::as_const(buffer).view()).substr(0, 3), "abc");
  buffer.reserve(10);
  EXPECT_EQ(buffer.capacity(), 1000u);
}

TEST(ByteBuffer, ResizesDownAndReleases) {
  const std::size_t before = support::live_allocation_count();
  ByteBuffer buffer;
  buffer.append(as_bytes("abcdef"));
  buffer.resize_down(2);
  EXPECT_EQ(as_text(buffer.view()), "ab");
  buffer.append(as_bytes("X"));
  EXPECT_EQ(as_text(buffer.view()), "abX");
  buffer.release();
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_EQ(buffer.capacity(), 0u);
  EXPECT_EQ(support::live_allocation_count(), before);
  buffer.append(as_bytes("again"));
  EXPECT_EQ(as_text(buffer.view()), "again");
}

TEST(ByteBuffer, Moves) {
  ByteBuffer source;
  source.append(as_bytes("abc"));
  ByteBuffer moved(std::move(source));
  EXPECT_EQ(source.capacity(), 0u);  // NOLINT(bugprone-use-after-move): the state is defined
  ByteBuffer assigned;
  assigned.append(as_bytes("old"));
  assigned = std::move(moved);
  EXPECT_EQ(moved.capacity(), 0u);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(as_text(assigned.view()), "abc");
}

TEST(ByteBuffer, IsUnchangedWhenMemoryRunsOut) {
  ByteBuffer buffer;
  buffer.append(as_bytes("abc"));
  {
    support::FailingAllocation failing(0);
    EXPECT_THROW(buffer.grow(1000), std::bad_alloc);
  }
  EXPECT_THROW(buffer.grow(std::numeric_limits<std::size_t>::max()), std::length_error);
  EXPECT_EQ(as_text(buffer.view()), "abc");
}

}  // namespace
}  // namespace duplex

// Tests of the map whose ids notice that their object is gone.
#include "base/slot_map.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/allocations.h"

namespace duplex {
namespace {

TEST(SlotMap, FindsWhatItHolds) {
  SlotMap<std::string> map;
  const SlotId a = map.emplace("a");
  const SlotId b = map.emplace(3u, 'b');
  EXPECT_EQ(map.size(), 2u);
  EXPECT_EQ(*map.find(a), "a");
  EXPECT_EQ(*std::as_const(map).find(b), "bbb");
  EXPECT_NE(a, b);
}

TEST(SlotMap, ADefaultIdNamesNothing) {
  SlotMap<int> map;
  EXPECT_EQ(map.find({}), nullptr);
  EXPECT_EQ(map.emplace(1).generation, 1u);
  EXPECT_EQ(map.find({}), nullptr);
  EXPECT_FALSE(map.erase({}));
}

TEST(SlotMap, AnIdDiesWithItsElement) {
  SlotMap<int> map;
  const SlotId old = map.emplace(1);
  EXPECT_TRUE(map.erase(old));
  EXPECT_FALSE(map.erase(old));
  EXPECT_TRUE(map.empty());
  // The slot's next id is guessed before the slot is used again.
  EXPECT_EQ(map.find({old.slot, old.generation + 1}), nullptr);
  const SlotId fresh = map.emplace(2);
  EXPECT_EQ(fresh.slot, old.slot);
  EXPECT_EQ(map.find(old), nullptr);
  EXPECT_EQ(*map.find(fresh), 2);
  EXPECT_EQ(map.find({1'000'000, 1}), nullptr);
}

TEST(SlotMap, ElementsStayWhereTheyAre) {
  SlotMap<int> map;
  const SlotId first = map.emplace(0);
  const int* address = map.find(first);
  for (int i = 1; i < 10'000; ++i) map.emplace(i);
  EXPECT_EQ(map.find(first), address);
}

TEST(SlotMap, UsesMemoryAgain) {
  SlotMap<int> map;
  std::vector<SlotId> ids;
  for (int i = 0; i < 64; ++i) ids.push_back(map.emplace(i));
  for (SlotId id : ids) map.erase(id);
  const std::size_t before = support::allocation_count();
  for (int i = 0; i < 64; ++i) map.emplace(i);
  EXPECT_EQ(support::allocation_count(), before);
}

TEST(SlotMap, CostsEightBytesPerSlot) {
  struct Element {
    std::byte bytes[120];
  };
  SlotMap<Element> map;
  const std::size_t before = support::live_allocation_size();
  map.emplace();
  EXPECT_LE(support::live_allocation_size() - before, 64u * 128 + 64);
}

TEST(SlotMap, DestroysElementsWithItself) {
  const auto witness = std::make_shared<int>(0);
  {
    SlotMap<std::shared_ptr<int>> map;
    for (int i = 0; i < 100; ++i) map.emplace(witness);
    EXPECT_EQ(witness.use_count(), 101);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

struct Picky {
  explicit Picky(bool fails) {
    if (fails) throw std::runtime_error("picky");
  }
};

TEST(SlotMap, IsUnchangedWhenAConstructorThrows) {
  SlotMap<Picky> map;
  EXPECT_THROW(map.emplace(true), std::runtime_error);
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.emplace(false), (SlotId{0, 1}));
}

TEST(SlotMap, IsUnchangedWhenMemoryRunsOut) {
  for (std::size_t successes = 0; successes < 2; ++successes) {
    SlotMap<int> map;
    {
      support::FailingAllocation failing(successes);
      EXPECT_THROW(map.emplace(1), std::bad_alloc);
    }
    EXPECT_TRUE(map.empty());
    EXPECT_EQ(*map.find(map.emplace(1)), 1);
  }
}

std::vector<int> values(SlotMap<int>& map) {
  std::vector<int> all;
  for (int value : map) all.push_back(value);
  return all;
}

TEST(SlotMap, IteratesOverLiveElements) {
  SlotMap<int> map;
  EXPECT_TRUE(values(map).empty());
  std::vector<SlotId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(map.emplace(i));
  map.erase(ids[0]);
  map.erase(ids[3]);
  EXPECT_EQ(values(map), (std::vector{1, 2, 4}));
  auto at = map.begin();
  EXPECT_EQ(at.id(), ids[1]);
  at++;
  EXPECT_EQ(at.id(), ids[2]);
}

TEST(SlotMap, IterationReachesMembers) {
  SlotMap<std::string> map;
  map.emplace("abc");
  EXPECT_EQ(map.begin()->size(), 3u);
}

TEST(SlotMap, ToleratesEraseDuringIteration) {
  SlotMap<int> map;
  std::vector<SlotId> ids;
  for (int i = 0; i < 200; ++i) ids.push_back(map.emplace(i));
  std::vector<int> seen;
  for (int value : map) {
    seen.push_back(value);
    map.erase(ids[static_cast<std::size_t>(value)]);                           // itself
    if (value + 1 < 200) map.erase(ids[static_cast<std::size_t>(value + 1)]);  // and the next
  }
  EXPECT_EQ(seen.size(), 100u);
  EXPECT_TRUE(map.empty());
}

TEST(SlotMap, IterationEndsAlthoughElementsAreAdded) {
  SlotMap<int> map;
  for (int i = 0; i < 64; ++i) map.emplace(i);
  for (int value : map) map.emplace(value);
  EXPECT_EQ(map.size(), 128u);
}

// An element whose destructor looks its own id up and adds another element.
struct Reentrant {
  SlotMap<Reentrant>* map = nullptr;
  SlotId self = {};
  bool* alive_while_dying = nullptr;

  Reentrant() = default;
  Reentrant(const Reentrant&) = delete;
  Reentrant& operator=(const Reentrant&) = delete;
  ~Reentrant() {
    if (map == nullptr) return;
    *alive_while_dying = map->find(self) != nullptr || map->erase(self);
    map->emplace();
  }
};

TEST(SlotMap, AnElementIsGoneBeforeItsDestructorRuns) {
  bool alive_while_dying = true;
  SlotMap<Reentrant> map;
  const SlotId id = map.emplace();
  Reentrant* element = map.find(id);
  element->map = &map;
  element->self = id;
  element->alive_while_dying = &alive_while_dying;
  map.erase(id);
  EXPECT_FALSE(alive_while_dying);
  EXPECT_EQ(map.size(), 1u);
}

TEST(SlotMap, BehavesAsAMapUnderRandomUse) {
  std::mt19937 random(1);
  SlotMap<int> map;
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> expected;
  std::vector<SlotId> all;
  for (int i = 0; i < 5000; ++i) {
    if (random() % 2 == 0 || all.empty()) {
      all.push_back(map.emplace(i));
      expected[{all.back().slot, all.back().generation}] = i;
    } else {
      const SlotId id = all[random() % all.size()];
      EXPECT_EQ(map.erase(id), expected.erase({id.slot, id.generation}) == 1);
    }
  }
  EXPECT_EQ(map.size(), expected.size());
  for (SlotId id : all) {
    const auto at = expected.find({id.slot, id.generation});
    const int* found = map.find(id);
    ASSERT_EQ(found != nullptr, at != expected.end());
    if (found != nullptr) {
      EXPECT_EQ(*found, at->second);
    }
  }
}

}  // namespace
}  // namespace duplex

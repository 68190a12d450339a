// Any bytes as subscriptions, their ends and publications, with and without memory: as a set of
// pairs has it.
#include <gtest/gtest.h>

#include <array>
#include <new>
#include <set>
#include <string>
#include <utility>

#include "../support/allocations.h"
#include "decisions.h"
#include "endpoint/topics.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

struct Listener : endpoint::Subscriber {};

class PubSubCheck {
 public:
  explicit PubSubCheck(std::string_view input) : decisions_(input) {}

  void run() {
    while (!decisions_.over()) {
      const std::size_t listener = decisions_.below(listeners_.size());
      act(decisions_.byte(), listener, decisions_.below(names_.size()));
    }
    for (std::size_t i = 0; i < listeners_.size(); ++i) leave(i);
    for (std::size_t topic = 0; topic < names_.size(); ++topic) check(topic);
  }

 private:
  void act(std::uint8_t what, std::size_t listener, std::size_t topic) {
    const std::pair pair(topic, listener);
    switch (what & 3) {
      case 0:
        EXPECT_EQ(topics_.subscribe(listeners_[listener], names_[topic]),
                  pairs_.insert(pair).second);
        break;
      case 1:
        EXPECT_EQ(topics_.unsubscribe(listeners_[listener], names_[topic]),
                  pairs_.erase(pair) == 1);
        break;
      case 2:
        subscribe_without_memory(what >> 2, pair);
        break;
      default:
        leave(listener);
        break;
    }
    check(topic);
  }

  // The allocation after `successes` more fails: then nothing has happened.
  void subscribe_without_memory(std::size_t successes, std::pair<std::size_t, std::size_t> pair) {
    bool subscribed = false;
    try {
      const support::FailingAllocation failing(successes);
      subscribed = topics_.subscribe(listeners_[pair.second], names_[pair.first]);
    } catch (const std::bad_alloc&) {
      return;
    }
    EXPECT_EQ(subscribed, pairs_.insert(pair).second);
  }

  void leave(std::size_t listener) {
    topics_.unsubscribe_all(listeners_[listener]);
    std::erase_if(pairs_, [&](const auto& pair) { return pair.second == listener; });
    EXPECT_FALSE(listeners_[listener].has_subscriptions());
  }

  // Everybody who should hear of it does, once.
  void check(std::size_t topic) {
    std::multiset<std::size_t> expected;
    for (const auto& [each, listener] : pairs_) {
      if (each == topic) expected.insert(listener);
    }
    std::multiset<std::size_t> heard;
    topics_.for_each(names_[topic], [&](endpoint::Subscriber& subscriber) {
      heard.insert(static_cast<std::size_t>(&static_cast<Listener&>(subscriber) - &listeners_[0]));
    });
    EXPECT_EQ(heard, expected);
    EXPECT_EQ(topics_.subscriber_count(names_[topic]), expected.size());
  }

  Decisions decisions_;
  const std::array<std::string, 6> names_ = {
      "", "a", "b", "ab", std::string(100, 'x'), std::string(1, '\0')};
  endpoint::Topics topics_;
  std::array<Listener, 7> listeners_;
  std::set<std::pair<std::size_t, std::size_t>> pairs_;
};

void run(std::string_view input) { PubSubCheck(input).run(); }

const Registration registration({"pubsub", run});

}  // namespace
}  // namespace duplex::fuzz

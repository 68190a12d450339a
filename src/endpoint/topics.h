// Topics and who listens to them: the publish and subscribe half of a server.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace duplex::endpoint {

class Topics;

// Someone who can subscribe; owns nothing but its list, and that only while it is not empty.
class Subscriber {
 public:
  bool has_subscriptions() const noexcept { return places_ != nullptr; }

 protected:
  Subscriber() = default;
  ~Subscriber() = default;

 private:
  friend class Topics;
  struct Topic;
  struct Place {
    Topic* topic = nullptr;
    std::size_t index = 0;  // of this subscriber among the topic's members
  };
  std::unique_ptr<std::vector<Place>> places_;
};

// Owner: a Server. Thread: the loop's. A topic exists while somebody subscribes to it. Subscribing
// and unsubscribing cost time in proportion to the subscriber's own topics only.
class Topics {
 public:
  Topics();
  ~Topics();

  bool subscribe(Subscriber& subscriber, std::string_view topic);    // false: already
  bool unsubscribe(Subscriber& subscriber, std::string_view topic);  // false: was not
  void unsubscribe_all(Subscriber& subscriber) noexcept;

  std::size_t subscriber_count(std::string_view topic) const noexcept;
  bool has(const Subscriber& subscriber, std::string_view topic) const noexcept;
  std::size_t count_of(const Subscriber& subscriber) const noexcept;
  std::vector<std::string> topics_of(const Subscriber& subscriber) const;
  std::vector<std::string> all_topics() const;
  // Calls `visit(Subscriber&)` for each; it may not subscribe or unsubscribe anybody.
  template <class F>
  void for_each(std::string_view topic, F&& visit) const {
    if (const std::vector<Member>* members = members_of(topic)) {
      for (const Member& member : *members) visit(*member.subscriber);
    }
  }

 private:
  struct Member {
    Subscriber* subscriber = nullptr;
    std::size_t place = 0;  // of the topic in the subscriber's list
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  friend class Subscriber;

  const std::vector<Member>* members_of(std::string_view topic) const noexcept;
  static void forget_member(Subscriber::Topic& topic, std::size_t index) noexcept;
  void remove(Subscriber& subscriber, std::size_t place) noexcept;

  std::unordered_map<std::string, std::unique_ptr<Subscriber::Topic>, Hash, std::equal_to<>>
      topics_;
};

struct Subscriber::Topic {
  std::string name;
  std::vector<Topics::Member> members;
};

}  // namespace duplex::endpoint

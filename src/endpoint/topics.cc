// Topics and who listens to them; see topics.h.
#include "endpoint/topics.h"

#include <algorithm>
#include <utility>

namespace duplex::endpoint {

namespace {

template <class T>
void make_room_for_one(std::vector<T>& vector) {
  if (vector.size() == vector.capacity()) vector.reserve(2 * vector.size() + 1);
}

}  // namespace

Topics::Topics() = default;
Topics::~Topics() = default;

const std::vector<Topics::Member>* Topics::members_of(std::string_view topic) const noexcept {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? nullptr : &found->second->members;
}

std::size_t Topics::subscriber_count(std::string_view topic) const noexcept {
  const auto* members = members_of(topic);
  return members == nullptr ? 0 : members->size();
}

bool Topics::has(const Subscriber& subscriber, std::string_view topic) const noexcept {
  return subscriber.places_ != nullptr &&
         std::ranges::any_of(*subscriber.places_, [topic](const Subscriber::Place& place) {
           return place.topic->name == topic;
         });
}

std::size_t Topics::count_of(const Subscriber& subscriber) const noexcept {
  return subscriber.places_ == nullptr ? 0 : subscriber.places_->size();
}

std::vector<std::string> Topics::topics_of(const Subscriber& subscriber) const {
  std::vector<std::string> names;
  if (subscriber.places_ == nullptr) return names;
  for (const Subscriber::Place& place : *subscriber.places_) names.push_back(place.topic->name);
  return names;
}

std::vector<std::string> Topics::all_topics() const {
  std::vector<std::string> names;
  for (const auto& [name, topic] : topics_) names.push_back(name);
  return names;
}

// Whatever needs memory comes first: when it fails, nothing has changed.
bool Topics::subscribe(Subscriber& subscriber, std::string_view topic) {
  auto& places = subscriber.places_;
  if (places == nullptr) places = std::make_unique<std::vector<Subscriber::Place>>();
  const auto is_it = [&](const Subscriber::Place& place) { return place.topic->name == topic; };
  if (std::ranges::any_of(*places, is_it)) return false;
  make_room_for_one(*places);
  auto found = topics_.find(topic);
  if (found == topics_.end()) {
    auto fresh = std::make_unique<Subscriber::Topic>();
    fresh->name = topic;
    make_room_for_one(fresh->members);
    found = topics_.emplace(std::string(topic), std::move(fresh)).first;
  }
  Subscriber::Topic& entry = *found->second;
  entry.members.push_back({&subscriber, places->size()});
  places->push_back({&entry, entry.members.size() - 1});
  return true;
}

bool Topics::unsubscribe(Subscriber& subscriber, std::string_view topic) {
  if (subscriber.places_ == nullptr) return false;
  auto& places = *subscriber.places_;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i].topic->name != topic) continue;
    remove(subscriber, i);
    if (places.empty()) subscriber.places_.reset();
    return true;
  }
  return false;
}

void Topics::unsubscribe_all(Subscriber& subscriber) noexcept {
  if (subscriber.places_ == nullptr) return;
  while (!subscriber.places_->empty()) remove(subscriber, subscriber.places_->size() - 1);
  subscriber.places_.reset();
}

// The last member takes the place of the one that leaves.
void Topics::forget_member(Subscriber::Topic& topic, std::size_t index) noexcept {
  topic.members[index] = topic.members.back();
  topic.members.pop_back();
  if (index == topic.members.size()) return;
  const Member& moved = topic.members[index];
  (*moved.subscriber->places_)[moved.place].index = index;
}

void Topics::remove(Subscriber& subscriber, std::size_t place) noexcept {
  auto& places = *subscriber.places_;
  Subscriber::Topic& topic = *places[place].topic;
  forget_member(topic, places[place].index);
  if (topic.members.empty()) topics_.erase(topics_.find(topic.name));
  places[place] = places.back();
  places.pop_back();
  if (place == places.size()) return;
  places[place].topic->members[places[place].index].place = place;
}

}  // namespace duplex::endpoint

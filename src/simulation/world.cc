// The event queue and the clock that follows it.
#include "simulation/world.h"

#include <algorithm>

#include "simulation/socket.h"

namespace duplex::simulation {

World::World(WorldOptions options)
    : options_(options),
      toward_client_(options.link),
      now_(options.start),
      network_random_(options.seed),
      system_random_(options.seed ^ 0x5851f42d4c957f2d),
      ports_(options.first_ephemeral_port, options.last_ephemeral_port) {}

// Events hold sockets and links, which look at the rest of the world when they go. So does what a
// blocked path holds up, and that may hold the path itself.
World::~World() {
  for (const auto& link : links()) link->drop_blocked();
  const auto events = std::exchange(events_, {});
  const auto orphans = std::exchange(orphans_, {});
}

bool World::ByAge::operator()(const std::shared_ptr<Socket>& a,
                              const std::shared_ptr<Socket>& b) const {
  return a->serial() < b->serial();
}

std::chrono::system_clock::time_point World::wall_clock() const noexcept {
  using std::chrono::duration_cast;
  return options_.wall_start + wall_offset_ +
         duration_cast<std::chrono::system_clock::duration>(elapsed());
}

World::EventId World::at(net::Clock::time_point time, Action action) {
  const EventId id{std::max(time, now_), ++last_event_};
  events_.emplace(id, std::move(action));
  return id;
}

std::optional<net::Clock::time_point> World::next_event() const {
  if (events_.empty()) return std::nullopt;
  return events_.begin()->first.first;
}

bool World::advance() {
  const auto time = next_event();
  if (time) advance_to(*time);
  return time.has_value();
}

void World::advance_to(net::Clock::time_point time) {
  while (!events_.empty() && events_.begin()->first.first <= time) {
    auto event = events_.extract(events_.begin());
    now_ = std::max(now_, event.key().first);
    event.mapped()();
  }
  now_ = std::max(now_, time);
}

void World::set_link(const LinkOptions& toward_server, const LinkOptions& toward_client) {
  options_.link = toward_server;
  toward_client_ = toward_client;
}

std::shared_ptr<Link> World::make_link(const LinkOptions& toward_server,
                                       const LinkOptions& toward_client) {
  auto link = std::make_shared<Link>(*this, toward_server, toward_client);
  if (links_.size() == links_.capacity()) {
    std::erase_if(links_, [](const auto& other) { return other.expired(); });
  }
  links_.push_back(link);
  return link;
}

std::vector<std::shared_ptr<Link>> World::links() {
  std::vector<std::shared_ptr<Link>> live;
  for (const auto& link : links_) {
    if (auto strong = link.lock()) live.push_back(std::move(strong));
  }
  return live;
}

std::size_t World::bytes_in_flight() {
  settle();
  std::size_t total = 0;
  for (const auto& link : links()) total += link->bytes_in_flight();
  return total;
}

bool World::is_quiet() {
  settle();
  return segments_in_flight_ == 0;
}

void World::add_name(const std::string& host, std::vector<net::Address> addresses) {
  names_[host] = std::move(addresses);
}

const std::vector<net::Address>* World::find_name(const std::string& host) const {
  const auto at = names_.find(host);
  return at == names_.end() ? nullptr : &at->second;
}

}  // namespace duplex::simulation

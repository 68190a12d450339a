// The loops of one process as one Socket.IO server: a board on which each finds the others.
#include "duplex/events/loop_group.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "events/ids.h"

namespace duplex::events {

namespace {

// What a loop's tasks know of its adapter: none runs once that has gone.
using Token = std::shared_ptr<AdapterHost*>;

struct Member {
  std::string uid;
  std::function<bool(net::EventLoop::Task)> post;
  std::weak_ptr<AdapterHost*> host;

  template <class F>
  void run(F act) const {
    post([host = host, act = std::move(act)] {
      if (const auto alive = host.lock()) act(**alive);
    });
  }
};

// The members of one namespace, and what it keeps.
struct Room {
  std::vector<Member> members = {};
  std::optional<socketio::Recovery> recovery = {};
};

}  // namespace

// Whatever changes or reads what a namespace keeps happens in one order for all loops: under the
// lock it takes its place in the queue of each.
class LoopGroup::Board : public std::enable_shared_from_this<LoopGroup::Board> {
 public:
  explicit Board(std::optional<socketio::RecoveryOptions> recovery) : recovery_(recovery) {}

  bool keeps_events() const noexcept { return recovery_.has_value(); }

  void join(const std::string& nsp, Member member, socketio::Recovery::Time now) {
    const std::lock_guard lock(mutex_);
    forget(now);
    Room& room = rooms_[nsp];
    if (recovery_ && !room.recovery) room.recovery.emplace(*recovery_);
    room.members.push_back(std::move(member));
  }

  void leave(const std::string& nsp, const std::string& uid) {
    const std::lock_guard lock(mutex_);
    Room& room = rooms_[nsp];
    std::erase_if(room.members, [&uid](const Member& member) { return member.uid == uid; });
  }

  std::size_t count(const std::string& nsp) {
    const std::lock_guard lock(mutex_);
    return rooms_[nsp].members.size();
  }

  // Where nothing is kept, this loop's own clients have it at once, in the order of the calls, and
  // two loops may differ in the order of two events.
  void publish(const std::string& nsp, const SharedClusterMessage& message,
               const Adapter::Published& on_published, socketio::Recovery::Time now) {
    share(nsp, message, keeps_events() ? on_published : nullptr, now);
    if (on_published && !keeps_events()) on_published({});
  }

  void answer(const std::string& nsp, const std::string& uid, const SharedClusterMessage& message) {
    const std::lock_guard lock(mutex_);
    for (const Member& member : rooms_[nsp].members) {
      if (member.uid == uid) member.run([message](AdapterHost& host) { host.receive(*message); });
    }
  }

  void save(const std::string& nsp, const std::string& secret, const LostSocket& socket,
            socketio::Recovery::Time now) {
    const std::lock_guard lock(mutex_);
    rooms_[nsp].recovery->save(secret,
                               {.id = socket.id, .rooms = socket.rooms, .data = socket.data}, now);
  }

  // Who comes again, and to whom.
  struct Return {
    std::string nsp;
    std::string uid;
    std::string secret;
    std::string offset;
    std::function<void(std::optional<FoundSocket>)> handler;
    socketio::Recovery::Time now;
  };

  // Another loop may still have the old connection, and not know that it is dead. When the last of
  // those who hold `all` has given it up, or has gone, what is kept of it is complete.
  void restore(Return wanted) {
    const auto find_it = [self = shared_from_this(), wanted](void*) { self->find(wanted); };
    const std::shared_ptr<void> all(nullptr, find_it);
    const std::lock_guard lock(mutex_);
    for (const Member& member : rooms_[wanted.nsp].members) {
      if (member.uid == wanted.uid) continue;
      member.run([all, secret = wanted.secret](AdapterHost& host) { host.give_up(secret); });
    }
  }

 private:
  void find(const Return& wanted) {
    const std::lock_guard lock(mutex_);
    Room& room = rooms_[wanted.nsp];
    auto found = found_in(*room.recovery, wanted.secret, wanted.offset, wanted.now);
    for (const Member& member : room.members) {
      if (member.uid != wanted.uid) continue;
      member.run([found, handler = wanted.handler](AdapterHost&) { handler(found); });
    }
  }

  void share(const std::string& nsp, const SharedClusterMessage& message,
             const Adapter::Published& on_published, socketio::Recovery::Time now) {
    const std::lock_guard lock(mutex_);
    Room& room = rooms_[nsp];
    const std::string offset = keep(room, *message, now);
    auto sent = message;
    if (!offset.empty()) {
      auto copy = std::make_shared<ClusterMessage>(*message);
      copy->offset = offset;
      sent = std::move(copy);
    }
    for (const Member& member : room.members) {
      if (member.uid != message->uid) {
        member.run([sent](AdapterHost& host) { host.receive(*sent); });
      } else if (on_published) {
        member.run([on_published, offset](AdapterHost&) { on_published(offset); });
      }
    }
  }

  // Namespaces without members, to which nobody can come again.
  void forget(socketio::Recovery::Time now) {
    std::erase_if(rooms_, [now](const auto& entry) {
      const Room& room = entry.second;
      return room.members.empty() && !(room.recovery && room.recovery->awaits_somebody(now));
    });
  }

  static std::string keep(Room& room, const ClusterMessage& message, socketio::Recovery::Time now) {
    const bool is_kept = room.recovery && message.type == ClusterMessage::Type::broadcast &&
                         message.request.empty() && !message.flags.droppable;
    if (!is_kept) return {};
    JsonArray values = message.values;
    room.recovery->keep(values, message.target.rooms, message.target.except, now);
    return *values.back().text();
  }

  static std::optional<FoundSocket> found_in(socketio::Recovery& recovery,
                                             const std::string& secret, std::string_view offset,
                                             socketio::Recovery::Time now) {
    auto restored = recovery.restore(secret, offset, now);
    if (!restored) return std::nullopt;
    auto& [session, missed] = *restored;
    return FoundSocket{.socket = {.id = std::move(session.id),
                                  .rooms = std::move(session.rooms),
                                  .data = std::any_cast<Json>(std::move(session.data))},
                       .missed = std::move(missed)};
  }

  std::mutex mutex_ = {};
  const std::optional<socketio::RecoveryOptions> recovery_;
  std::map<std::string, Room> rooms_ = {};
};

// One namespace on one loop.
class LoopAdapter final : public Adapter {
 public:
  LoopAdapter(AdapterHost& host, std::shared_ptr<LoopGroup::Board> board)
      : host_(host),
        board_(std::move(board)),
        uid_(new_id(host.loop().kernel())),
        nsp_(host.name()),
        token_(std::make_shared<AdapterHost*>(&host)) {
    board_->join(nsp_, {.uid = uid_, .post = host.loop().poster(), .host = token_},
                 host.loop().now());
  }
  ~LoopAdapter() override { board_->leave(nsp_, uid_); }
  LoopAdapter(const LoopAdapter&) = delete;
  LoopAdapter& operator=(const LoopAdapter&) = delete;

  const std::string& uid() const noexcept override { return uid_; }
  void publish(SharedClusterMessage message, Published on_published) override {
    board_->publish(nsp_, message, on_published, host_.loop().now());
  }
  void answer(const std::string& uid, SharedClusterMessage message) override {
    board_->answer(nsp_, uid, message);
  }
  void count_servers(std::function<void(std::size_t)> handler) override {
    handler(board_->count(nsp_));
  }
  bool keeps_events() const noexcept override { return board_->keeps_events(); }
  void save(const std::string& secret, const LostSocket& socket,
            std::chrono::milliseconds) override {
    board_->save(nsp_, secret, socket, host_.loop().now());
  }
  void restore(const std::string& secret, const std::string& offset,
               const std::function<void(std::optional<FoundSocket>)>& handler) override {
    board_->restore({nsp_, uid_, secret, offset, handler, host_.loop().now()});
  }

 private:
  AdapterHost& host_;
  std::shared_ptr<LoopGroup::Board> board_;
  std::string uid_;
  std::string nsp_;
  Token token_;
};

LoopGroup::LoopGroup(std::optional<socketio::RecoveryOptions> recovery)
    : board_(std::make_shared<Board>(recovery)) {}
LoopGroup::~LoopGroup() = default;

AdapterFactory LoopGroup::adapter() const {
  return [board = board_](AdapterHost& host) { return std::make_unique<LoopAdapter>(host, board); };
}

}  // namespace duplex::events

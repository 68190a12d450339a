// The answers of clients to a broadcast, as they come.
#include "events/answers.h"

#include <algorithm>
#include <utility>

namespace duplex::events {
namespace {

constexpr std::size_t most_clients = 0xffffffff;  // of one server; more is not true

}  // namespace

void Answers::expect_servers(std::size_t count) noexcept {
  counts_servers_ = false;
  servers_ += static_cast<std::ptrdiff_t>(count);
}

void Answers::give_up_on_servers() noexcept {
  counts_servers_ = false;
  if (servers_ > 0) reply_.status = Status::timed_out;
  servers_ = 0;
}

void Answers::give_up() noexcept {
  give_up_on_servers();
  if (clients_ != 0) reply_.status = Status::timed_out;
  clients_ = 0;
}

// Of one that has been given up, its clients still count.
void Answers::server_has(std::size_t clients) {
  if (counts_servers_ || servers_ > 0) --servers_;
  expect_clients(std::min(clients, most_clients));
  finish_if_complete();
}

void Answers::take(Status status, Json value) {
  if (status == Status::answered) {
    reply_.values.push_back(std::move(value));
  } else if (reply_.status == Status::answered) {
    reply_.status = status;
  }
  --clients_;
  finish_if_complete();
}

void Answers::finish_if_complete() {
  if (clients_ != 0 || servers_ != 0 || counts_servers_) return;
  if (const auto handler = std::exchange(handler_, nullptr)) handler(reply_);
}

}  // namespace duplex::events

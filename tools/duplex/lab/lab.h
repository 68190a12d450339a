// The lab page of one thread of `duplex serve`: its files, and what they talk to.
#pragma once

#include "chat.h"
#include "duplex/duplex.h"
#include "lab_socket.h"
#include "races.h"

namespace duplex::tools::lab {

// How the labs of several threads reach each other.
struct LabLinks {
  std::size_t loop = 0;      // which thread this is
  Chat::WithHub with_hub;    // the first thread's hub
  ChatHub::Deliver deliver;  // to a visitor on any thread
};

// Owner: one thread of `duplex serve`. Thread: that of `loop`. Outlived by `loop` and `server`.
class Lab {
 public:
  Lab(EventLoop& loop, Server& server, LabLinks links)
      : server_(server),
        socket_(server),
        races_(loop, server),
        hub_(std::move(links.deliver)),
        chat_(server, links.loop, std::move(links.with_hub)) {}

  // Adds / and everything below /lab/ but /lab/state, which asks every thread.
  void add_routes();
  // Ends what would not end by itself.
  void stop() { races_.stop(); }

  Races& races() noexcept { return races_; }
  ChatHub& hub() noexcept { return hub_; }  // that of the first thread is everybody's

 private:
  void add_files();
  void add_microscope();

  Server& server_;
  LabSocket socket_;
  Races races_;
  ChatHub hub_;
  Chat chat_;
};

}  // namespace duplex::tools::lab

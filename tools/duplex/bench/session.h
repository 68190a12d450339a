// A bench from the first process it starts to the last block: server, relay, blocks, signals.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../wishes.h"
#include "child_server.h"
#include "duplex/duplex.h"
#include "placement.h"
#include "plan.h"
#include "relay.h"
#include "run.h"
#include "runner.h"
#include "wire_tap.h"

namespace duplex::tools::wire {
class Wire;
}

namespace duplex::tools {

// Arguments of `serve` for the bench's own server. Pure.
std::vector<std::string> server_words(const BenchOptions& options,
                                      const std::vector<ArmSpec>& arms);

// Owner and thread: `bench`. Everything it starts ends with it.
class BenchSession {
 public:
  // The server is on the other side of `link`; null: there is none.
  BenchSession(const BenchOptions& options, const std::vector<ArmSpec>& arms,
               const wire::Wire* link = nullptr);

  // What was measured, but not on which machine. After a first SIGINT or SIGTERM the block under
  // way is the last one; a second one throws BenchFailure, as does a server that is not there.
  BenchRun run(bool show_progress);
  bool interrupted() const noexcept { return wishes_.count() > 0; }
  // Why --decompose, --idle or --storm could not be measured behind the blocks; else empty.
  const std::string& problem() const noexcept { return problem_; }
  // Of clients and server: "clients on processor 0, server on processor 1".
  std::string placement() const { return placement_.text(); }
  bool aborted() const noexcept { return wishes_.count() > 1; }

 private:
  void start_server();
  std::unique_ptr<ChildServer> spawn_server(std::vector<std::string> words) const;
  std::vector<IdleCost> measure_idle();
  std::optional<Storm> measure_storm();
  void demand_all_descriptors() const;
  void measure_more(BenchRun& run);
  void start_relay();
  std::chrono::nanoseconds overhead() const;

  const BenchOptions& options_;
  const std::vector<ArmSpec>& arms_;
  const wire::Wire* link_;
  Placement placement_;
  std::unique_ptr<MeteredKernel> kernel_;
  EventLoop loop_{*kernel_};
  Wishes wishes_;                            // to end
  std::function<void()> on_wish_ = nullptr;  // while it runs
  std::string problem_ = {};
  Endpoints endpoints_;
  std::unique_ptr<ChildServer> server_;
  std::optional<RelayThread> relay_;
  std::optional<WireTap> tap_;
};

}  // namespace duplex::tools

// What connections cost on which nothing happens.
#include "idle_cost.h"

#include "measure/format.h"

namespace duplex::tools {
namespace {

// Of one connection; nothing of none.
std::string bytes_cell(const IdleCost& cost) {
  if (cost.connections == 0) return "–";
  return measure::significant(cost.wire_bytes_per_second / static_cast<double>(cost.connections));
}

}  // namespace

measure::Table idle_table(const std::vector<IdleCost>& costs) {
  measure::Table table({{.heading = "idle", .align = measure::Align::left},
                        {.heading = "connections"},
                        {.heading = "user memory/conn"},
                        {.heading = "kernel memory/conn"},
                        {.heading = "wake-ups/s"},
                        {.heading = "server CPU"},
                        {.heading = "wire bytes/s/conn"}});
  for (const IdleCost& cost : costs) {
    table.add_row(
        {cost.transport, std::to_string(cost.connections), measure::format_bytes(cost.user_memory),
         measure::format_bytes(cost.kernel_memory), measure::significant(cost.wake_ups_per_second),
         measure::format_share(cost.cpu_share), bytes_cell(cost)});
  }
  return table;
}

std::string idle_note(const std::vector<IdleCost>& costs) {
  if (costs.empty()) return {};
  return "idle: no event for " + measure::format_duration(measure::Seconds(costs.front().seconds)) +
         "; user memory is the server's (Pss), kernel memory the machine's (slabs and TCP "
         "buffers, both ends where both are here), wake-ups are the server's; without --delay, "
         "--coalesce and --chaos\n";
}

}  // namespace duplex::tools

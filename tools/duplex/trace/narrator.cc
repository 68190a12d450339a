// Puts the layers of a packet together.
#include "narrator.h"

#include <algorithm>
#include <utility>

#include "summary.h"
#include "words.h"

namespace duplex::tools::trace {

bool Narrator::is_wanted(std::size_t index) const {
  if (chosen_) return index == *chosen_;
  if (options_.client) return table_.all()[index].client == *options_.client;
  return index + 1 == options_.connection;
}

const Step* Narrator::add(const CapturedPacket& captured) {
  const auto packet = read_packet(captured.link, captured.bytes);
  if (!packet) {
    ++left_out_;
    return nullptr;
  }
  const std::size_t index = table_.find(*packet);
  if (!is_wanted(index)) return nullptr;
  if (!chosen_) begin(index, captured.time);
  if (!first_packet_) {
    first_packet_ = *packet;
    first_packet_->payload = {};
  }
  wire_size_ += captured.sent_size;
  Step step = {.number = story_.steps.size() + 1,
               .time = captured.time - start_,
               .from = table_.all()[index].side_of(*packet),
               .size = captured.sent_size};
  if (step.time < newest_ && !turned_back_) turned_back_ = step.number;
  newest_ = std::max(newest_, step.time);
  tell(step, step.from, captured, *packet);
  if (story_.steps.size() == most_steps) {
    ++untold_;
    return nullptr;
  }
  story_.packets.push_back(captured);
  story_.packets.back().comment = comment_of(step);
  story_.steps.push_back(std::move(step));
  return &story_.steps.back();
}

void Narrator::begin(std::size_t index, std::chrono::nanoseconds time) {
  const ConnectionSeen& connection = table_.all()[index];
  chosen_ = index;
  start_ = time;
  story_.client = connection.client.text();
  story_.server = connection.server.text();
  segments_ = std::make_unique<SegmentNarrator>(connection.from_start);
  application_ = std::make_unique<ApplicationNarrator>(connection.from_start, options_.shown);
}

void Narrator::tell(Step& step, Side from, const CapturedPacket& captured, const Packet& packet) {
  const auto append = [&step](std::vector<Line> lines) {
    std::move(lines.begin(), lines.end(), std::back_inserter(step.lines));
  };
  SegmentNarrator::Told told = segments_->tell(from, step.time, packet, captured.bytes);
  append(std::move(told.lines));
  if (!told.ready.empty()) append(application_->hear(from, step.time, told.ready));
  if (told.lost_side) append(application_->lose(*told.lost_side, told.lost));
  if (told.side_finished) append(application_->finish(from, step.time));
}

void Narrator::add_remarks() {
  const std::size_t count = table_.all().size();
  if (count > 1) {
    story_.remarks.push_back("the capture has " + std::to_string(count) +
                             " connections; this is number " + std::to_string(*chosen_ + 1));
  }
  if (left_out_ > 0) {
    story_.remarks.push_back(std::to_string(left_out_) +
                             " packets that are not TCP, or cut or broken, were left out");
  }
  if (untold_ > 0) {
    story_.remarks.push_back(std::to_string(untold_) +
                             " more packets were counted, and not told: "
                             "a story has " +
                             std::to_string(most_steps) + " of them at most");
  }
  if (std::string untold = application_->untold(); !untold.empty()) {
    story_.remarks.push_back(std::move(untold));
  }
  if (turned_back_) {
    story_.remarks.push_back("packet " + std::to_string(*turned_back_) +
                             " has an earlier time than one before it: the clock was set "
                             "meanwhile, or the capture is not in order");
  }
  if (segments_->unfinished_checksums() > 0) {
    story_.remarks.push_back(
        "the checksums were left to a network card that loopback does not have; a pcapng file "
        "written here has the right ones");
  }
  if (!table_.all()[*chosen_].from_start) {
    story_.remarks.push_back("the capture begins when the connection was open already");
  }
}

Story Narrator::finish() {
  if (!chosen_) return std::move(story_);
  add_remarks();
  summarize(story_, {.segments = segments_.get(),
                     .application = application_.get(),
                     .first_packet = first_packet_ ? &*first_packet_ : nullptr,
                     .packets = story_.steps.size() + untold_,
                     .wire_size = wire_size_});
  return std::move(story_);
}

std::string comment_of(const Step& step) {
  std::string comment;
  for (const Line& line : step.lines) {
    if (line.layer < 4) continue;
    if (!comment.empty()) comment += '\n';
    comment += "L" + std::to_string(line.layer) + " " + line.name + "  " + line.what;
    if (!line.meaning.empty()) comment += "   " + line.meaning;
    for (const std::string& detail : line.details) comment += "\n   " + detail;
  }
  return comment;
}

}  // namespace duplex::tools::trace

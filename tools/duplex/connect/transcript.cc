// Writes transcripts.
#include "transcript.h"

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "../command.h"
#include "duplex/codec/utf8.h"
#include "measure/json_writer.h"
#include "message_text.h"

namespace duplex::tools {
namespace {

constexpr std::array<std::string_view, 6> names = {"text", "binary", "ping",
                                                   "pong", "close",  "raw"};

void complain_of(const std::string& path) {
  complain("duplex connect: cannot write " + path + ": " + std::system_category().message(errno));
}

// The first two bytes of what a Close carries, as a member of their own.
std::string take_code(Bytes& payload) {
  if (payload.size() < 2) return "";
  const unsigned code =
      std::to_integer<unsigned>(payload[0]) << 8 | std::to_integer<unsigned>(payload[1]);
  payload = payload.subspan(2);
  return "\"code\":" + std::to_string(code) + ",";
}

}  // namespace

std::string transcript_line(WallTime time, bool from_client, Saying what, Bytes payload) {
  const std::string code = what == Saying::close ? take_code(payload) : "";
  const bool readable =
      what != Saying::binary && what != Saying::raw && codec::is_valid_utf8(payload);
  return "{\"time\":\"" + utc_text(time) + "\",\"from\":\"" + (from_client ? "client" : "server") +
         "\",\"type\":\"" + std::string(names[static_cast<std::size_t>(what)]) + "\"," + code +
         "\"" + (readable ? "text" : "hex") + "\":" +
         measure::json_string(readable ? std::string(as_text(payload)) : hex_text(payload)) + "}\n";
}

bool Transcript::open(const std::string& path) {
  path_ = path;
  file_.reset(std::fopen(path.c_str(), "w"));
  if (!file_) complain_of(path);
  return file_ != nullptr;
}

void Transcript::add(WallTime time, bool from_client, Saying what, Bytes payload) {
  if (!file_ || failed_) return;
  const std::string line = transcript_line(time, from_client, what, payload);
  const bool taken = std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size();
  if (std::fflush(file_.get()) == 0 && taken) return;
  failed_ = true;
  complain_of(path_);
}

}  // namespace duplex::tools

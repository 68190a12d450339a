// A conversation in a file: a JSON object a line for everything that was said.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "clock_text.h"
#include "duplex/base/bytes.h"
#include "speaker.h"

namespace duplex::tools {

// {"time":"2026-11-22T09:30:00.123456Z","from":"client","type":"text","text":"hello"}; what need
// not be UTF-8 has "hex" instead of "text". A Close has its code, too: "type":"close","code":1000,
// "text":"bye".
std::string transcript_line(WallTime time, bool from_client, Saying what, Bytes payload);

// Each line is in the file as soon as it has been said. Owner: the command.
class Transcript {
 public:
  // False, with a complaint, when the file cannot be written. What stood in it is gone.
  bool open(const std::string& path);
  void add(WallTime time, bool from_client, Saying what, Bytes payload);
  bool failed() const noexcept { return failed_; }  // a line could not be written: it was said

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, std::fclose};
  std::string path_;
  bool failed_ = false;
};

}  // namespace duplex::tools

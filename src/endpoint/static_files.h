// Files below a directory as answers: RFC 9110 sections 8.8, 13 and 14.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "duplex/net/kernel.h"
#include "net/descriptor.h"

namespace duplex::endpoint {

class HttpPhase;

// Owner: a Server. Thread: the loop's. The kernel itself keeps every path below the directory.
class StaticFiles {
 public:
  // Throws std::system_error when there is no such directory.
  StaticFiles(net::Kernel& kernel, const std::string& directory);

  // Answers GET or HEAD of the route's parameter "path".
  void answer(HttpPhase& exchange) const;

 private:
  struct File {
    net::Descriptor descriptor;
    net::FileStatus status;
    std::string path;
  };
  std::optional<File> open(const std::string& path) const;
  void answer_with(HttpPhase& exchange, File file) const;

  net::Kernel& kernel_;
  net::Descriptor root_;
};

}  // namespace duplex::endpoint

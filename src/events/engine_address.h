// Where an Engine.IO server is, and how the URLs of its requests are put together. Pure.
#pragma once

#include <string>
#include <string_view>

#include "duplex/events/engine_client.h"

namespace duplex::events {

class EngineAddress {
 public:
  // Throws std::invalid_argument.
  EngineAddress(std::string_view url, const EngineClientOptions& options);

  std::string url_of(Transport transport, std::string_view sid, std::string_view fresh) const;

 private:
  std::string authority_;  // "://host:port" or "+unix:/path:"
  std::string path_;
  std::string query_;  // "&a=b"
};

}  // namespace duplex::events

// The URLs of an Engine.IO client.
#include "events/engine_address.h"

#include <algorithm>
#include <stdexcept>

#include "duplex/http/target.h"
#include "duplex/http/url.h"

namespace duplex::events {

EngineAddress::EngineAddress(std::string_view url, const EngineClientOptions& options)
    : path_(options.path), query_(options.query.empty() ? "" : '&' + options.query) {
  const auto parsed = http::parse_url(url);
  const auto refuse = [url](std::string_view why) {
    throw std::invalid_argument("\"" + std::string(url) + "\": " + std::string(why));
  };
  if (!parsed) refuse(http::describe(parsed.error()));
  const std::string_view target = parsed->path_and_query;
  const std::size_t path_end = std::min(target.find('?'), target.size());
  if (target.substr(0, path_end) != "/") refuse("a path is said in the options, not in the URL");
  if (path_end + 1 < target.size()) query_ += '&' + std::string(target.substr(path_end + 1));
  if (!path_.starts_with('/')) refuse("the path \"" + path_ + "\" does not begin with '/'");
  authority_ =
      parsed->is_unix() ? "+unix:" + parsed->unix_path + ':' : "://" + http::host_field(*parsed);
}

std::string EngineAddress::url_of(Transport transport, std::string_view sid,
                                  std::string_view fresh) const {
  const bool polls = transport == Transport::polling;
  std::string url = (polls ? "http" : "ws") + authority_ + path_;
  url += polls ? "?EIO=4&transport=polling&t=" + std::string(fresh) : "?EIO=4&transport=websocket";
  if (!sid.empty()) url += "&sid=" + http::percent_encode(sid);
  return url + query_;
}

}  // namespace duplex::events

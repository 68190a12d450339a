// Media types by the ending of a file's name: the IANA registry's, for what web pages are made of.
#include "duplex/http/mime.h"

#include <algorithm>
#include <array>

#include "duplex/http/message.h"

namespace duplex::http {
namespace {

struct Ending {
  std::string_view ending;
  std::string_view type;
};

constexpr std::array endings{
    Ending{"html", "text/html; charset=utf-8"},
    Ending{"htm", "text/html; charset=utf-8"},
    Ending{"css", "text/css; charset=utf-8"},
    Ending{"js", "text/javascript; charset=utf-8"},
    Ending{"mjs", "text/javascript; charset=utf-8"},
    Ending{"txt", "text/plain; charset=utf-8"},
    Ending{"md", "text/markdown; charset=utf-8"},
    Ending{"csv", "text/csv; charset=utf-8"},
    Ending{"json", "application/json"},
    Ending{"map", "application/json"},
    Ending{"webmanifest", "application/manifest+json"},
    Ending{"xml", "application/xml"},
    Ending{"pdf", "application/pdf"},
    Ending{"wasm", "application/wasm"},
    Ending{"zip", "application/zip"},
    Ending{"gz", "application/gzip"},
    Ending{"svg", "image/svg+xml"},
    Ending{"png", "image/png"},
    Ending{"jpg", "image/jpeg"},
    Ending{"jpeg", "image/jpeg"},
    Ending{"gif", "image/gif"},
    Ending{"webp", "image/webp"},
    Ending{"avif", "image/avif"},
    Ending{"ico", "image/vnd.microsoft.icon"},
    Ending{"woff", "font/woff"},
    Ending{"woff2", "font/woff2"},
    Ending{"ttf", "font/ttf"},
    Ending{"mp3", "audio/mpeg"},
    Ending{"ogg", "audio/ogg"},
    Ending{"wav", "audio/wav"},
    Ending{"mp4", "video/mp4"},
    Ending{"webm", "video/webm"},
};

// The text behind the last dot of the last segment, or empty.
std::string_view ending_of(std::string_view path) noexcept {
  const std::size_t at = path.find_last_of("./");
  const bool has_ending = at != std::string_view::npos && path[at] == '.';
  return has_ending ? path.substr(at + 1) : std::string_view();
}

}  // namespace

std::string_view mime_type(std::string_view path) noexcept {
  const std::string_view ending = ending_of(path);
  const auto found = std::find_if(endings.begin(), endings.end(), [ending](const Ending& each) {
    return iequals(each.ending, ending);
  });
  return found != endings.end() ? found->type : "application/octet-stream";
}

}  // namespace duplex::http

// Files below a directory as answers; see static_files.h.
#include "endpoint/static_files.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <system_error>
#include <utility>

#include "duplex/http/conditional.h"
#include "duplex/http/mime.h"
#include "duplex/http/range.h"
#include "duplex/http/target.h"
#include "endpoint/http_phase.h"

namespace duplex::endpoint {
namespace {

std::int64_t modified_nanoseconds(const net::FileStatus& status) noexcept {
  // Distinct values are all that is wanted: times beyond the year 2262 may wrap.
  const auto seconds = static_cast<std::uint64_t>(status.modified_seconds);
  return static_cast<std::int64_t>(seconds * 1'000'000'000) + status.modified_nanoseconds;
}

// "An origin server with a clock MUST NOT generate a Last-Modified date that is later than" now:
// RFC 9110 section 8.8.2.1.
http::Seconds modified(const net::FileStatus& status, http::Seconds now) noexcept {
  return std::min(now, http::Seconds(std::chrono::seconds(status.modified_seconds)));
}

}  // namespace

StaticFiles::StaticFiles(net::Kernel& kernel, const std::string& directory) : kernel_(kernel) {
  const int fd = kernel.open_directory(directory);
  if (fd < 0) throw std::system_error(-fd, std::system_category(), directory);
  root_ = net::Descriptor(kernel, fd);
}

// The file of that name; for a directory its index.html.
std::optional<StaticFiles::File> StaticFiles::open(const std::string& path) const {
  const int fd = kernel_.open_beneath(root_.fd(), path.empty() ? "." : path);
  if (fd < 0) return std::nullopt;
  File file{.descriptor = net::Descriptor(kernel_, fd), .status = {}, .path = path};
  if (kernel_.fstat(fd, file.status) < 0) return std::nullopt;
  if (file.status.is_regular) return file;
  if (!file.status.is_directory || path.ends_with("index.html")) return std::nullopt;
  return open(path.empty() || path.ends_with('/') ? path + "index.html" : path + "/index.html");
}

void StaticFiles::answer(HttpPhase& exchange) const {
  const auto path = http::relative_file_path(exchange.path_parameter("path"));
  auto file = path ? open(*path) : std::nullopt;
  if (!file) {
    exchange.answer(404, "text/plain", "no such file\n", {});
    return;
  }
  answer_with(exchange, *std::move(file));
}

void StaticFiles::answer_with(HttpPhase& exchange, File file) const {
  const http::Request& request = exchange.current_request();
  const auto now = std::chrono::floor<std::chrono::seconds>(kernel_.wall_clock());
  const std::uint64_t size = file.status.size;
  const std::string etag = http::make_etag(size, modified_nanoseconds(file.status));
  const http::Seconds last = modified(file.status, now);
  const std::string last_modified = http::http_date(last);
  const http::Validators validators{.etag = etag, .last_modified = last};
  const std::array<http::Field, 3> fields = {
      {{"ETag", etag}, {"Last-Modified", last_modified}, {"Accept-Ranges", "bytes"}}};

  const auto precondition = http::evaluate_preconditions(request, validators, now);
  if (precondition != http::Precondition::proceed) {
    exchange.answer(precondition == http::Precondition::failed ? 412 : 304, {}, {}, fields);
    return;
  }
  http::ByteRange range;
  const auto wanted = request.fields.find("Range");
  if (wanted && request.method == "GET" && http::if_range_holds(request, validators, now)) {
    range = http::parse_range(*wanted, size);
  }
  if (range.kind == http::ByteRange::Kind::unsatisfiable) {
    const std::string content_range = http::unsatisfied_content_range(size);
    const std::array<http::Field, 1> unsatisfied = {{{"Content-Range", content_range}}};
    exchange.answer(416, "text/plain", "no such range\n", unsatisfied);
    return;
  }
  const std::string_view type = http::mime_type(file.path);
  if (range.kind == http::ByteRange::Kind::whole) {
    return exchange.answer_with_file(200, type, fields, std::move(file.descriptor), 0, size);
  }
  const std::string content_range = http::content_range(range, size);
  const std::array<http::Field, 4> partial = {
      {fields[0], fields[1], fields[2], {"Content-Range", content_range}}};
  exchange.answer_with_file(206, type, partial, std::move(file.descriptor), range.first,
                            range.size());
}

}  // namespace duplex::endpoint

// HTTP/1.1 messages as views into the bytes they were parsed from: RFC 9112, RFC 9110.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::http {

// One field line. Names compare without case (RFC 9110 section 5.1); values are opaque bytes.
struct Field {
  std::string_view name = {};
  std::string_view value = {};
};

// Equality of ASCII text without case.
bool iequals(std::string_view a, std::string_view b) noexcept;

// The field section of one message, in the order it was sent; a view, as long-lived as its message.
class Fields {
 public:
  Fields() noexcept = default;
  Fields(std::span<const Field> fields) noexcept : fields_(fields) {}

  // The first field of that name, or nothing.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  std::size_t count(std::string_view name) const noexcept;
  // True when a comma-separated list field holds `token`, compared without case, over all its lines
  // (RFC 9110 section 5.6.1), and nothing that is neither a token nor one with a version.
  bool has_token(std::string_view name, std::string_view token) const noexcept;

  auto begin() const noexcept { return fields_.begin(); }
  auto end() const noexcept { return fields_.end(); }
  std::size_t size() const noexcept { return fields_.size(); }
  const Field& operator[](std::size_t index) const noexcept { return fields_[index]; }

 private:
  std::span<const Field> fields_ = {};
};

struct Request {
  std::string_view method = {};
  std::string_view target = {};  // as sent
  std::string_view path = {};    // of the target, still percent-encoded, without query
  std::string_view query = {};   // without '?', still percent-encoded
  int minor_version = 1;         // of HTTP/1.x
  Fields fields = {};
  bool keep_alive = true;         // RFC 9112 section 9.3
  bool has_body = false;          // a Content-Length above 0, or chunked
  bool expects_continue = false;  // waits for 100 before its body, RFC 9110 section 10.1.1
};

struct Response {
  int status = 200;
  std::string_view reason = {};
  int minor_version = 1;
  Fields fields = {};
  bool keep_alive = true;
};

// A copy of a request with memory of its own, for whoever needs it longer than the parser keeps it.
// Memory: its text, 8 bytes for each field, and a list of the fields from the first view() on.
class OwnedRequest {
 public:
  explicit OwnedRequest(const Request& request);
  ~OwnedRequest();
  OwnedRequest(const OwnedRequest&) = delete;
  OwnedRequest& operator=(const OwnedRequest&) = delete;

  // As long as this object. Not for two threads at a time.
  const Request& view() const;

 private:
  struct View;
  struct Part {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };

  Part add(std::string_view text);
  // A part of `whole` if it is one, as path and query are of the target; else a copy.
  Part add_part_of(std::string_view whole, Part place, std::string_view text);
  std::string_view text_of(Part part) const noexcept;

  std::string text_ = {};  // the sizes of each field stand before it
  Part method_ = {};
  Part target_ = {};
  Part path_ = {};
  Part query_ = {};
  std::uint32_t field_count_ = 0;
  std::uint32_t fields_offset_ = 0;
  std::int8_t minor_version_;
  bool keep_alive_;
  bool has_body_;
  bool expects_continue_;
  mutable std::unique_ptr<const View> view_;
};

}  // namespace duplex::http

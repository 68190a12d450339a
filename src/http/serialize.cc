// HTTP/1.1 messages into bytes: RFC 9112, RFC 9110.
#include "duplex/http/serialize.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "http/authority.h"
#include "http/character.h"

namespace duplex::http {
namespace {

// A number as text, without the heap.
class NumberText {
 public:
  explicit NumberText(std::uint64_t value, int base = 10) noexcept
      : end_(std::to_chars(text_.data(), text_.data() + text_.size(), value, base).ptr) {}
  NumberText(const NumberText&) = delete;
  NumberText& operator=(const NumberText&) = delete;

  std::string_view view() const noexcept {
    return {text_.data(), static_cast<std::size_t>(end_ - text_.data())};
  }

 private:
  std::array<char, 20> text_ = {};
  char* end_;
};

// Runs first to count and then to copy, so that the bytes are made where they belong.
class Writer {
 public:
  void start_copying(MutableBytes target) noexcept { target_ = target; }
  std::size_t size() const noexcept { return size_; }

  Writer& operator<<(std::string_view text) noexcept {
    size_ += text.size();
    if (target_.empty() || text.empty()) return *this;
    std::memcpy(target_.data(), text.data(), text.size());
    target_ = target_.subspan(text.size());
    return *this;
  }

  void field(std::string_view name, std::string_view value) noexcept {
    *this << name << ": " << value << "\r\n";
  }

  void optional_field(std::string_view name, std::string_view value) noexcept {
    if (!value.empty()) field(name, value);
  }

  void fields(std::span<const Field> fields) noexcept {
    for (const Field& each : fields) field(each.name, each.value);
  }

  void body(BodyHeader body, std::uint64_t content_length) noexcept {
    if (body == BodyHeader::content_length) {
      field("Content-Length", NumberText(content_length).view());
    } else if (body == BodyHeader::chunked) {
      field("Transfer-Encoding", "chunked");
    }
  }

 private:
  MutableBytes target_ = {};
  std::size_t size_ = 0;
};

void write(Writer& out, const RequestHead& head) noexcept {
  out << head.method << " " << head.target << " HTTP/1.1\r\n";
  out.field("Host", head.host);
  out.fields(head.fields);
  out.body(head.body, head.content_length);
  out << "\r\n";
}

void write(Writer& out, const ResponseHead& head) noexcept {
  const auto status = static_cast<std::uint64_t>(head.status);
  out << "HTTP/1.1 " << NumberText(status).view() << " "
      << (head.reason.empty() ? reason_phrase(head.status) : head.reason) << "\r\n";
  out.optional_field("Date", head.date);
  out.optional_field("Connection", head.connection);
  out.optional_field("Content-Type", head.content_type);
  out.fields(head.fields);
  out.body(head.body, head.content_length);
  out << "\r\n";
}

bool all_are(std::string_view text, CharacterClass which) noexcept {
  return std::all_of(text.begin(), text.end(), [which](char c) { return is(c, which); });
}

bool is_text(std::string_view text) noexcept { return all_are(text, CharacterClass::field_value); }

bool is_target(std::string_view target) noexcept {
  return !target.empty() && std::all_of(target.begin(), target.end(), [](char c) {
    return c == '%' || c == '?' || is(c, CharacterClass::target);
  });
}

// Framing has one author, or a caller could make the peer see another message than we send.
bool is_framing(std::string_view name) noexcept {
  return iequals(name, "Content-Length") || iequals(name, "Transfer-Encoding");
}

bool are_sendable(std::span<const Field> fields) noexcept {
  return std::all_of(fields.begin(), fields.end(), [](const Field& field) {
    return is_sendable(field) && !is_framing(field.name);
  });
}

bool is_sendable(const RequestHead& head) noexcept {
  return is_token(head.method) && is_target(head.target) && is_valid_authority(head.host) &&
         Fields(head.fields).count("Host") == 0 && are_sendable(head.fields);
}

bool is_sendable(const ResponseHead& head) noexcept {
  return head.status >= 100 && head.status <= 599 && is_text(head.reason) && is_text(head.date) &&
         is_text(head.connection) && is_text(head.content_type) && are_sendable(head.fields);
}

MutableBytes grow(SendQueue& out, std::size_t size) { return out.grow(size); }

MutableBytes grow(std::string& out, std::size_t size) {
  out.resize(out.size() + size);
  return std::as_writable_bytes(std::span(out)).last(size);
}

template <class Out, class Head>
bool append_head(Out& out, const Head& head) {
  if (!is_sendable(head)) return false;
  Writer counter;
  write(counter, head);
  Writer writer;
  writer.start_copying(grow(out, counter.size()));
  write(writer, head);
  return true;
}

constexpr std::size_t line_ends = 4;  // bytes of a chunk besides its size and its data

void write_chunk(MutableBytes target, std::string_view size, Bytes data) noexcept {
  Writer writer;
  writer.start_copying(target);
  writer << size << "\r\n" << as_text(data) << "\r\n";
}

}  // namespace

bool is_sendable(const Field& field) noexcept {
  return is_token(field.name) && is_text(field.value);
}

bool append_request_head(SendQueue& out, const RequestHead& head) { return append_head(out, head); }

bool append_request_head(std::string& out, const RequestHead& head) {
  return append_head(out, head);
}

bool append_response_head(SendQueue& out, const ResponseHead& head) {
  return append_head(out, head);
}

bool append_response_head(std::string& out, const ResponseHead& head) {
  return append_head(out, head);
}

SharedBytes encode_chunk(Bytes data) {
  auto chunk = std::make_shared<std::vector<std::byte>>();
  if (data.empty()) return chunk;
  const NumberText size(data.size(), 16);
  chunk->resize(size.view().size() + data.size() + line_ends);
  write_chunk(*chunk, size.view(), data);
  return chunk;
}

void append_chunk(SendQueue& out, Bytes data) {
  if (data.empty()) return;
  const NumberText size(data.size(), 16);
  write_chunk(out.grow(size.view().size() + data.size() + line_ends), size.view(), data);
}

void append_last_chunk(SendQueue& out) { out.append(as_bytes(last_chunk)); }

}  // namespace duplex::http

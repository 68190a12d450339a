// Looking things up in messages: RFC 9110 section 5.
#include "duplex/http/message.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <utility>

#include "http/character.h"

namespace duplex::http {

bool iequals(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  if (a == b) return true;  // most peers write names as we do
  return std::equal(a.begin(), a.end(), b.begin(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::optional<std::string_view> Fields::find(std::string_view name) const noexcept {
  for (const Field& field : fields_) {
    if (iequals(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t Fields::count(std::string_view name) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(fields_.begin(), fields_.end(),
                    [name](const Field& field) { return iequals(field.name, name); }));
}

namespace {

// A token, a protocol with its version (RFC 9110 section 7.8), or nothing, which lists may hold
// (section 5.6.1.2).
bool is_element(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return text.empty() || is_token(text);
  return is_token(text.substr(0, slash)) && is_token(text.substr(slash + 1));
}

}  // namespace

bool Fields::has_token(std::string_view name, std::string_view token) const noexcept {
  bool found = false;
  for (const Field& field : fields_) {
    if (!iequals(field.name, name)) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      const std::string_view element = next_element(list);
      if (!is_element(element)) return false;
      found = found || iequals(element, token);
    }
  }
  return found;
}

// --- A request that is kept ----------------------------------------------------------------------

namespace {

// Of a field: its two sizes, and then its name and its value.
constexpr std::size_t sizes_size = 2 * sizeof(std::uint32_t);

std::size_t size_of(const Request& request) noexcept {
  std::size_t size =
      request.method.size() + request.target.size() + request.fields.size() * sizes_size;
  for (const Field& field : request.fields) size += field.name.size() + field.value.size();
  return size;
}

void append_size(std::string& text, std::string_view part) {
  const auto size = static_cast<std::uint32_t>(part.size());
  std::array<char, sizeof size> bytes;
  std::memcpy(bytes.data(), &size, sizeof size);
  text.append(bytes.data(), bytes.size());
}

std::size_t size_at(const std::string& text, std::size_t offset) noexcept {
  std::uint32_t size = 0;
  std::memcpy(&size, text.data() + offset, sizeof size);
  return size;
}

bool is_within(std::string_view part, std::string_view whole) noexcept {
  const std::less_equal<const char*> before;
  return before(whole.data(), part.data()) &&
         before(part.data() + part.size(), whole.data() + whole.size());
}

}  // namespace

struct OwnedRequest::View {
  std::vector<Field> fields = {};
  Request request = {};
};

OwnedRequest::OwnedRequest(const Request& request)
    : minor_version_(static_cast<std::int8_t>(request.minor_version)),
      keep_alive_(request.keep_alive),
      has_body_(request.has_body),
      expects_continue_(request.expects_continue) {
  text_.reserve(size_of(request));
  method_ = add(request.method);
  target_ = add(request.target);
  path_ = add_part_of(request.target, target_, request.path);
  query_ = add_part_of(request.target, target_, request.query);
  field_count_ = static_cast<std::uint32_t>(request.fields.size());
  fields_offset_ = static_cast<std::uint32_t>(text_.size());
  for (const Field& field : request.fields) {
    append_size(text_, field.name);
    append_size(text_, field.value);
    add(field.name);
    add(field.value);
  }
}

OwnedRequest::~OwnedRequest() = default;

OwnedRequest::Part OwnedRequest::add(std::string_view text) {
  const auto offset = static_cast<std::uint32_t>(text_.size());
  text_ += text;
  return {offset, static_cast<std::uint32_t>(text.size())};
}

OwnedRequest::Part OwnedRequest::add_part_of(std::string_view whole, Part place,
                                             std::string_view text) {
  if (text.empty()) return {};
  if (!is_within(text, whole)) return add(text);
  const auto within = static_cast<std::uint32_t>(text.data() - whole.data());
  return {place.offset + within, static_cast<std::uint32_t>(text.size())};
}

std::string_view OwnedRequest::text_of(Part part) const noexcept {
  return std::string_view(text_).substr(part.offset, part.size);
}

const Request& OwnedRequest::view() const {
  if (view_ != nullptr) return view_->request;
  auto view = std::make_unique<View>();
  const std::string_view text = text_;
  std::size_t offset = fields_offset_;
  for (std::uint32_t i = 0; i < field_count_; ++i) {
    const std::size_t name_size = size_at(text_, offset);
    const std::size_t value_size = size_at(text_, offset + sizes_size / 2);
    const std::size_t name = offset + sizes_size;
    view->fields.push_back(
        {text.substr(name, name_size), text.substr(name + name_size, value_size)});
    offset = name + name_size + value_size;
  }
  view->request = {.method = text_of(method_),
                   .target = text_of(target_),
                   .path = text_of(path_),
                   .query = text_of(query_),
                   .minor_version = minor_version_,
                   .fields = Fields(view->fields),
                   .keep_alive = keep_alive_,
                   .has_body = has_body_,
                   .expects_continue = expects_continue_};
  view_ = std::move(view);
  return view_->request;
}

}  // namespace duplex::http

// Looking things up in messages: RFC 9110 section 5.
#include "duplex/http/message.h"

#include <algorithm>

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

bool Fields::has_token(std::string_view name, std::string_view token) const noexcept {
  for (const Field& field : fields_) {
    if (!iequals(field.name, name)) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      if (iequals(next_element(list), token)) return true;
    }
  }
  return false;
}

namespace {

std::size_t size_of(const Request& request) noexcept {
  std::size_t size =
      request.method.size() + request.target.size() + request.path.size() + request.query.size();
  for (const Field& field : request.fields) size += field.name.size() + field.value.size();
  return size;
}

}  // namespace

OwnedRequest::OwnedRequest(const Request& request) : request_(request) {
  text_.reserve(size_of(request));
  const auto copy = [this](std::string_view text) {
    const std::size_t at = text_.size();
    text_ += text;
    return std::string_view(text_).substr(at);
  };
  request_.method = copy(request.method);
  request_.target = copy(request.target);
  request_.path = copy(request.path);
  request_.query = copy(request.query);
  fields_.reserve(request.fields.size());
  for (const Field& field : request.fields)
    fields_.push_back({copy(field.name), copy(field.value)});
  request_.fields = Fields(fields_);
}

}  // namespace duplex::http

// Validators and conditional requests: RFC 9110 sections 8.8 and 13.
#include "duplex/http/conditional.h"

#include <array>
#include <charconv>

#include "http/character.h"

namespace duplex::http {
namespace {

constexpr std::string_view weak_prefix = "W/";

void append_hex(std::string& out, std::uint64_t value) {
  std::array<char, 16> text{};
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value, 16);
  out.append(text.data(), result.ptr);
}

std::string_view without_weakness(std::string_view tag) noexcept {
  return tag.starts_with(weak_prefix) ? tag.substr(weak_prefix.size()) : tag;
}

using Comparison = bool (*)(std::string_view, std::string_view) noexcept;

// Splits an entity-tag off the front of a list, with the commas before it. Empty when what comes
// is none, section 8.8.3. Commas may stand inside the quotes.
std::string_view next_tag(std::string_view& list) noexcept {
  while (!list.empty() && (is_space(list.front()) || list.front() == ',')) list.remove_prefix(1);
  const std::size_t quote = list.starts_with(weak_prefix) ? weak_prefix.size() : 0;
  if (quote >= list.size() || list[quote] != '"') return {};
  const std::size_t end = list.find('"', quote + 1);
  if (end == std::string_view::npos) return {};
  const std::string_view tag = list.substr(0, end + 1);
  list.remove_prefix(tag.size());
  return tag;
}

// True when the field is "*" or lists the tag, over all its lines.
bool lists_tag(Fields fields, std::string_view name, std::string_view etag,
               Comparison equal) noexcept {
  for (const Field& field : fields) {
    if (!iequals(field.name, name)) continue;
    if (field.value == "*") return true;
    std::string_view list = field.value;
    for (auto tag = next_tag(list); !tag.empty(); tag = next_tag(list)) {
      if (equal(tag, etag)) return true;
    }
  }
  return false;
}

// The date of a field, when both it and the file's are known. A field that comes twice has more
// than one member, and is ignored: sections 13.1.3 and 13.1.4.
std::optional<Seconds> date_of(const Request& request, std::string_view name,
                               const Validators& validators, Seconds now) noexcept {
  const auto value = request.fields.find(name);
  if (request.fields.count(name) != 1 || !validators.last_modified) return std::nullopt;
  return parse_http_date(*value, now);
}

bool match_fails(const Request& request, const Validators& validators, Seconds now) noexcept {
  if (request.fields.find("If-Match")) {
    return !lists_tag(request.fields, "If-Match", validators.etag, strongly_equal);
  }
  const auto since = date_of(request, "If-Unmodified-Since", validators, now);
  return since && *validators.last_modified > *since;
}

bool is_known(const Request& request, const Validators& validators, Seconds now) noexcept {
  if (request.fields.find("If-None-Match")) {
    return lists_tag(request.fields, "If-None-Match", validators.etag, weakly_equal);
  }
  if (request.method != "GET" && request.method != "HEAD") return false;
  const auto since = date_of(request, "If-Modified-Since", validators, now);
  return since && *validators.last_modified <= *since;
}

}  // namespace

std::string make_etag(std::uint64_t size, std::int64_t modified_nanoseconds) {
  std::string tag = "\"";
  append_hex(tag, static_cast<std::uint64_t>(modified_nanoseconds));
  tag += '-';
  append_hex(tag, size);
  return tag += '"';
}

bool strongly_equal(std::string_view a, std::string_view b) noexcept {
  return a == b && !a.empty() && !a.starts_with(weak_prefix);
}

bool weakly_equal(std::string_view a, std::string_view b) noexcept {
  return !a.empty() && without_weakness(a) == without_weakness(b);
}

Precondition evaluate_preconditions(const Request& request, const Validators& validators,
                                    Seconds now) noexcept {
  if (match_fails(request, validators, now)) return Precondition::failed;
  if (!is_known(request, validators, now)) return Precondition::proceed;
  const bool reads = request.method == "GET" || request.method == "HEAD";
  return reads ? Precondition::not_modified : Precondition::failed;
}

bool if_range_holds(const Request& request, const Validators& validators, Seconds now) noexcept {
  const auto value = request.fields.find("If-Range");
  if (!value) return true;
  if (value->ends_with('"')) return strongly_equal(*value, validators.etag);
  // A date must be the exact one, section 13.1.5.
  const auto date = date_of(request, "If-Range", validators, now);
  return date && *date == *validators.last_modified;
}

}  // namespace duplex::http

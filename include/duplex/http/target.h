// Paths and queries of targets: RFC 3986, and the form encoding of the URL standard.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace duplex::http {

// Replaces each "%XX" by its byte. Nothing when an escape is malformed.
std::optional<std::string> percent_decode(std::string_view text);

// Escapes everything but unreserved characters (RFC 3986 section 2.3).
std::string percent_encode(std::string_view text);

// The path, still encoded, in the form in which equal paths are equal text (RFC 3986
// section 6.2.2): escapes in upper case, none for unreserved characters, and no "." or ".."
// segments. A ".." never goes above the root. `path` begins with '/' and its escapes are
// well-formed, as RequestParser gives it; malformed escapes stay as they are.
std::string normalize_path(std::string_view path);

// The first parameter of that name, decoded ('+' is a space), or nothing. A part without '=' has
// the empty value; empty parts and parts with malformed escapes are passed over.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

// All of them, in their order; names may repeat.
std::vector<std::pair<std::string, std::string>> query_parameters(std::string_view query);

// What lies behind the mount point of a directory, decoded, as a relative path for the file system.
// Nothing when that could name something else: a leading '/' (as behind "/static//etc"), a segment
// "." or "..", or one that contains '/', '\' or NUL once decoded, or a malformed escape.
std::optional<std::string> relative_file_path(std::string_view rest);

}  // namespace duplex::http

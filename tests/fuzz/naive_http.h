// A second, naive reader of HTTP messages. It takes for granted that they are well-formed, so that
// it can say one thing only: what a message means that the parser has accepted.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "../http/transcript.h"

namespace duplex::fuzz {

// Up to and without `end`, which goes too; all of it when there is no `end`.
inline std::string_view cut_off(std::string_view& text, std::string_view end) {
  const std::size_t at = text.find(end);
  const std::string_view front = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
  return front;
}

inline std::string_view strip_spaces(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

inline std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// Of all fields of that name, in lower case.
inline std::vector<std::string> list_of(const std::vector<http::Field>& fields,
                                        std::string_view name) {
  std::vector<std::string> elements;
  for (const http::Field& field : fields) {
    if (to_lower(field.name) != to_lower(name)) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      elements.push_back(to_lower(strip_spaces(cut_off(rest, ","))));
    }
  }
  return elements;
}

inline bool lists(const std::vector<http::Field>& fields, std::string_view name,
                  std::string_view element) {
  const auto elements = list_of(fields, name);
  return std::find(elements.begin(), elements.end(), element) != elements.end();
}

class NaiveReader {
 public:
  explicit NaiveReader(std::string_view bytes) : rest_(bytes) {}

  // The next message in the words of transcript.h.
  std::string read_request() {
    if (rest_.starts_with("\r\n")) rest_.remove_prefix(2);
    std::string_view line = read_head();
    http::Request request;
    request.method = cut_off(line, " ");
    request.target = cut_off(line, " ");
    request.minor_version = line == "HTTP/1.1" ? 1 : 0;
    split_target(request);
    request.fields = http::Fields(fields_);
    request.keep_alive = persists(request.minor_version);
    const std::string body = read_body(false);
    request.has_body = chunked_ || content_length_ != 0;
    request.expects_continue =
        lists(fields_, "Expect", "100-continue") && request.has_body && request.minor_version == 1;
    return describe(http::describe_message(request), body);
  }

  std::string read_response(bool answers_head) {
    std::string_view line = read_head();
    http::Response response;
    response.minor_version = cut_off(line, " ") == "HTTP/1.1" ? 1 : 0;
    response.status = std::atoi(std::string(cut_off(line, " ")).c_str());
    response.reason = line;
    response.fields = http::Fields(fields_);
    const int status = response.status;
    const bool never = answers_head || status < 200 || status == 204 || status == 304;
    const bool until_close = !never && !has("Transfer-Encoding") && !has("Content-Length");
    response.keep_alive = persists(response.minor_version) && !until_close;
    const std::string body = never ? std::string() : read_body(until_close);
    return describe(http::describe_message(response), body);
  }

  std::string_view unread() const noexcept { return rest_; }

 private:
  static std::string describe(const std::string& message, const std::string& body) {
    return "HEAD " + message + "\nBODY " + body + "\nEND " + message + "\n";
  }

  // Returns the start-line and leaves the fields.
  std::string_view read_head() {
    const std::string_view line = cut_off(rest_, "\r\n");
    fields_.clear();
    for (;;) {
      std::string_view field = cut_off(rest_, "\r\n");
      if (field.empty()) return line;
      const std::string_view name = cut_off(field, ":");
      fields_.push_back({name, strip_spaces(field)});
    }
  }

  static void split_target(http::Request& request) {
    std::string_view rest = request.target;
    request.path = cut_off(rest, "?");
    request.query = rest;
    if (request.path.starts_with('/') || request.path == "*") return;
    const std::size_t slash = request.path.find('/', request.path.find("//") + 2);
    request.path = slash == std::string_view::npos ? "/" : request.path.substr(slash);
  }

  bool has(std::string_view name) const { return http::Fields(fields_).count(name) != 0; }
  bool persists(int minor_version) const {
    if (lists(fields_, "Connection", "close")) return false;
    return minor_version == 1 || lists(fields_, "Connection", "keep-alive");
  }

  std::string read_body(bool until_close) {
    chunked_ = has("Transfer-Encoding");
    content_length_ = 0;
    if (chunked_) return read_chunks();
    if (until_close) return take(rest_.size());
    const auto length = http::Fields(fields_).find("Content-Length");
    if (length) content_length_ = std::strtoull(std::string(*length).c_str(), nullptr, 10);
    return take(content_length_);
  }

  std::string read_chunks() {
    std::string body;
    for (;;) {
      const std::string line(cut_off(rest_, "\r\n"));
      const std::size_t size = std::strtoull(line.c_str(), nullptr, 16);
      if (size == 0) break;
      body += take(size);
      cut_off(rest_, "\r\n");
    }
    while (!cut_off(rest_, "\r\n").empty()) {
    }
    return body;
  }

  std::string take(std::size_t size) {
    const std::string front(rest_.substr(0, size));
    rest_.remove_prefix(front.size());
    return front;
  }

  std::string_view rest_;
  std::vector<http::Field> fields_;
  bool chunked_ = false;
  std::size_t content_length_ = 0;
};

}  // namespace duplex::fuzz

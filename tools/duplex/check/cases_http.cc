// H: HTTP/1.1 in and around an opening. Each fault stands in an opening that is right otherwise,
// so that 101 means that it went unseen; a fault in the framing of a body is followed by an opening
// that must never be answered, as it may be a part of that body.
#include <array>

#include "cases.h"
#include "opening.h"

namespace duplex::tools::suite {
namespace {

constexpr Verdict must = Verdict::failed;
constexpr Verdict should = Verdict::non_strict;  // the RFC lets a recipient repair it

struct Row {
  std::string_view id;
  std::string_view title;
  std::string_view section;
  Verdict if_accepted;
  std::string_view text;
};

// {fields}: the opening's own fields.
constexpr std::array<Row, 14> request_lines = {{
    {"H03", "LF before the request line", "RFC 9112 2.2", should,
     "\nGET {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H05", "space before the method", "RFC 9112 3", should,
     " GET {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H06", "two spaces before the target", "RFC 9112 3", should,
     "GET  {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H07", "tab before the target", "RFC 9112 3", should,
     "GET\t{path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H08", "space behind the version", "RFC 9112 3", should,
     "GET {path} HTTP/1.1 \r\nHost: {host}\r\n{fields}\r\n"},
    {"H09", "space inside the target", "RFC 9112 3.2", should,
     "GET {path}a b HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H12", "version in lower case", "RFC 9112 2.3", should,
     "GET {path} http/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H13", "version HTTP/1", "RFC 9112 2.3", should,
     "GET {path} HTTP/1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H17", "version HTTP/2.0", "RFC 9110 15.6.6", should,
     "GET {path} HTTP/2.0\r\nHost: {host}\r\n{fields}\r\n"},
    {"H20", "version HTTX/1.1", "RFC 9112 2.3", should,
     "GET {path} HTTX/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H23", "method in lower case", "RFC 9110 9.1", must,
     "get {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H35", "fragment in the target", "RFC 9112 3.2", should,
     "GET {path}#y HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H36", "byte FF in the target", "RFC 3986 2", should,
     "GET {path}?\xff HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H38", "byte 7F in the target", "RFC 3986 2", should,
     "GET {path}?\x7f HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
}};

// What stands between the request line and the opening's own fields.
constexpr std::array<Row, 25> field_lines = {{
    {"H49", "two different Hosts", "RFC 9112 3.2", must, "Host: {host}\r\nHost: b\r\n"},
    {"H50", "two equal Hosts", "RFC 9112 3.2", must, "Host: {host}\r\nHost: {host}\r\n"},
    {"H51", "empty Host", "RFC 9112 3.2", must, "Host:\r\n"},
    {"H52", "Host is a list", "RFC 9112 3.2", must, "Host: a, b\r\n"},
    {"H53", "Host with user information", "RFC 9112 3.2", must, "Host: u@a\r\n"},
    {"H54", "Host with a path", "RFC 9112 3.2", must, "Host: a/b\r\n"},
    {"H55", "Host with port 99999", "RFC 9112 3.2", must, "Host: a:99999\r\n"},
    {"H56", "Host with a space", "RFC 9112 3.2", must, "Host: a b\r\n"},
    {"H59", "space before a colon", "RFC 9112 5.1", must, "Host: {host}\r\nX : y\r\n"},
    {"H60", "tab before a colon", "RFC 9112 5.1", must, "Host: {host}\r\nX\t: y\r\n"},
    {"H61", "folded line", "RFC 9112 5.2", should, "Host: {host}\r\nX: a\r\n b\r\n"},
    {"H62", "space before the first field", "RFC 9112 2.2", should, "\tX: a\r\nHost: {host}\r\n"},
    {"H63", "line that ends in LF", "RFC 9112 2.2", should, "Host: {host}\r\nX: y\n"},
    {"H65", "CR inside a value", "RFC 9112 2.2", should, "Host: {host}\r\nX: a\rb\r\n"},
    {"H69", "byte 07 in a value", "RFC 9110 5.5", should,
     "Host: {host}\r\nX: a\x07"
     "b\r\n"},
    {"H70", "byte 7F in a value", "RFC 9110 5.5", should,
     "Host: {host}\r\nX: a\x7f"
     "b\r\n"},
    {"H76", "empty name", "RFC 9112 5", should, "Host: {host}\r\n: y\r\n"},
    {"H77", "no colon", "RFC 9112 5", should, "Host: {host}\r\nXY\r\n"},
    {"H78", "name with brackets", "RFC 9110 5.1", should, "Host: {host}\r\nX[]: y\r\n"},
    {"H79", "name with byte FF", "RFC 9110 5.1", should, "Host: {host}\r\nX\xff: y\r\n"},
    {"H92", "Content-Length: +0", "RFC 9112 6.3", must, "Host: {host}\r\nContent-Length: +0\r\n"},
    {"H94", "Content-Length: -0", "RFC 9112 6.3", must, "Host: {host}\r\nContent-Length: -0\r\n"},
    {"H98", "Content-Length without a value", "RFC 9112 6.3", must,
     "Host: {host}\r\nContent-Length:\r\n"},
    {"H108", "space before the colon of Content-Length", "RFC 9112 5.1", must,
     "Host: {host}\r\nContent-Length : 0\r\n"},
    {"H132", "space before the colon of Transfer-Encoding", "RFC 9112 5.1", must,
     "Host: {host}\r\nTransfer-Encoding : chunked\r\n"},
}};

// Nothing wrong with these: the opening goes through.
constexpr std::array<Row, 7> good_lines = {{
    {"H58", "Host is an IPv6 address", "RFC 3986 3.2.2", must, "Host: [::1]:80\r\n"},
    {"H71", "bytes above 7F in a value", "RFC 9110 5.5", must,
     "Host: {host}\r\nX: a\xe9\xff"
     "b\r\n"},
    {"H72", "tab inside a value", "RFC 9110 5.5", must, "Host: {host}\r\nX: a\tb\r\n"},
    {"H73", "empty value", "RFC 9110 5.5", must, "Host: {host}\r\nX:\r\n"},
    {"H74", "spaces around a value", "RFC 9110 5.6.3", must, "Host: {host}\r\nX: \t y \t \r\n"},
    {"H82", "fields named __proto__ and constructor", "RFC 9110 5.1", must,
     "Host: {host}\r\n__proto__: x\r\nconstructor: y\r\n"},
    {"H86", "%0d%0a in a value", "RFC 9110 5.5", must, "Host: {host}\r\nX: a%0d%0aY: z\r\n"},
}};

// Fields of a POST and its body; an opening follows.
constexpr std::array<Row, 24> bodies = {{
    {"H88", "two Content-Lengths", "RFC 9112 6.3", must,
     "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
    {"H91", "Content-Length: 5, 6", "RFC 9112 6.3", must, "Content-Length: 5, 6\r\n\r\nhello"},
    {"H93", "Content-Length: -5", "RFC 9112 6.3", must, "Content-Length: -5\r\n\r\nhello"},
    {"H95", "Content-Length: 0x5", "RFC 9112 6.3", must, "Content-Length: 0x5\r\n\r\nhello"},
    {"H100", "Content-Length: 5 5", "RFC 9112 6.3", must, "Content-Length: 5 5\r\n\r\nhello"},
    {"H101", "Content-Length: 5a", "RFC 9112 6.3", must, "Content-Length: 5a\r\n\r\nhello"},
    {"H103", "Content-Length: 2^64", "RFC 9112 6.3", must,
     "Content-Length: 18446744073709551616\r\n\r\nhello"},
    {"H112", "Content-Length and Transfer-Encoding", "RFC 9112 6.1", must,
     "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H114", "Transfer-Encoding: chunked, twice", "RFC 9112 6.1", must,
     "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H116", "Transfer-Encoding: chunked, identity", "RFC 9112 6.3", must,
     "Transfer-Encoding: chunked, identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H120", "Transfer-Encoding: identity", "RFC 9112 6.3", must,
     "Transfer-Encoding: identity\r\n\r\nhello"},
    {"H121", "Transfer-Encoding: xchunked", "RFC 9112 6.3", must,
     "Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H126", "VT before chunked", "RFC 9112 6.1", must,
     "Transfer-Encoding: \x0b"
     "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H130", "chunked in quotes", "RFC 9112 6.1", must,
     "Transfer-Encoding: \"chunked\"\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H133", "name over two lines", "RFC 9112 5", must,
     "Transfer-\r\nEncoding: chunked\r\nContent-Length: 5\r\n\r\nhello"},
    {"H135", "chunk size 0x5", "RFC 9112 7.1", must,
     "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n"},
    {"H137", "chunk size -2", "RFC 9112 7.1", must,
     "Transfer-Encoding: chunked\r\n\r\n-2\r\nhello\r\n0\r\n\r\n"},
    {"H141", "empty chunk size", "RFC 9112 7.1", must,
     "Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n"},
    {"H142", "chunk size 2^32 + 4", "RFC 9112 7.1", must,
     "Transfer-Encoding: chunked\r\n\r\n100000004\r\ntest\r\n0\r\n\r\n"},
    {"H143", "chunk size 2^64", "RFC 9112 7.1", must,
     "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nx\r\n0\r\n\r\n"},
    {"H145", "chunk longer than its size", "RFC 9112 7.1", must,
     "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX\r\n0\r\n\r\n"},
    {"H146", "no line end behind a chunk", "RFC 9112 7.1", must,
     "Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n"},
    {"H152", "line end inside a quoted chunk extension", "RFC 9112 7.1.1", must,
     "Transfer-Encoding: chunked\r\n\r\n5;a=\"\r\nhello\r\n0\r\n\r\n"},
    {"H158", "last chunk that ends in XY", "RFC 9112 7.1", must,
     "Transfer-Encoding: chunked\r\n\r\n0\r\nXY"},
}};

std::function<void(Script&)> refused(std::string request, Verdict if_accepted) {
  return [request = std::move(request), if_accepted](Script& s) {
    s.opening().wanted = Opening::Wanted::refusal;
    s.opening().request = replaced(request, "{fields}", opening_fields());
    s.opening().if_accepted = if_accepted;
    s.opening().may_wait = true;
  };
}

void add_zeros(Family& family) {
  const std::string zero(1, '\0');
  family.section("RFC 9112 3");
  family.add("H26", "byte 00 in the method",
             refused("GET" + zero + " {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n", should));
  family.section("RFC 9112 3.2");
  family.add("H57", "byte 00 in Host",
             refused("GET {path} HTTP/1.1\r\nHost: a" + zero + ".b\r\n{fields}\r\n", must));
  family.section("RFC 9110 5.5");
  family.add(
      "H68", "byte 00 in a value",
      refused("GET {path} HTTP/1.1\r\nHost: {host}\r\nX: a" + zero + "b\r\n{fields}\r\n", should));
}

void add_large(Family& family) {
  family.section("RFC 9110 15.5.15");
  family.add("H46", "target of 1 MiB without an end",
             refused("GET /" + std::string(1048576, 'a'), Verdict::informational));
  family.section("RFC 6585 5");
  std::string fields;
  for (int i = 0; i < 20000; ++i) fields += "X: y\r\n";
  family.add("H85", "20,000 fields without an end",
             refused("GET {path} HTTP/1.1\r\nHost: {host}\r\n" + fields, Verdict::informational));
}

}  // namespace

void add_http(Cases& cases) {
  Family family(cases, "H HTTP");
  family.subject(Subject::servers);
  const std::string get = "GET {path} HTTP/1.1\r\n";
  for (const Row& row : request_lines) {
    family.section(std::string(row.section));
    family.add(std::string(row.id), std::string(row.title),
               refused(std::string(row.text), row.if_accepted));
  }
  for (const Row& row : field_lines) {
    family.section(std::string(row.section));
    family.add(std::string(row.id), std::string(row.title),
               refused(get + std::string(row.text) + "{fields}\r\n", row.if_accepted));
  }
  for (const Row& row : good_lines) {
    family.section(std::string(row.section));
    family.add(std::string(row.id), std::string(row.title), [row, get](Script& s) {
      s.opening().request = get + std::string(row.text) + opening_fields() + "\r\n";
      s.echo(Item::Kind::text, "Hello");
    });
  }
  for (const Row& row : bodies) {
    family.section(std::string(row.section));
    family.add(std::string(row.id), std::string(row.title),
               refused("POST {path} HTTP/1.1\r\nHost: {host}\r\n" + std::string(row.text) + get +
                           "Host: {host}\r\n{fields}\r\n",
                       row.if_accepted));
  }
  add_zeros(family);
  add_large(family);
}

}  // namespace duplex::tools::suite

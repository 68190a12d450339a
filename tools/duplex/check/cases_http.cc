// H: HTTP/1.1 in an opening. Each fault stands in an opening that is right otherwise, so that 101
// means that it went unseen.
#include <array>

#include "cases.h"
#include "opening.h"

namespace duplex::tools::suite {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr Verdict must = Verdict::failed;
constexpr Verdict should = Verdict::non_strict;  // the RFC lets a recipient repair it
constexpr Verdict may = Verdict::informational;  // or leaves it open

struct Row {
  std::string_view id;
  std::string_view title;
  std::string_view section;
  Verdict if_accepted;
  std::string_view text;
};

// {fields}: the opening's own fields.
constexpr std::array<Row, 33> request_lines = {{
    {"H03", "LF before the request line", "RFC 9112 2.2", should,
     "\nGET {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H04", "bytes 00 and 01 before the request line", "RFC 9112 2.2", should,
     "\0\1GET {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
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
    {"H10", "no target", "RFC 9112 3", should, "GET HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H12", "version in lower case", "RFC 9112 2.3", should,
     "GET {path} http/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H13", "version HTTP/1", "RFC 9112 2.3", should,
     "GET {path} HTTP/1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H14", "version HTTP/01.1", "RFC 9112 2.3", should,
     "GET {path} HTTP/01.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H15", "version HTTP/1.10", "RFC 9112 2.3", should,
     "GET {path} HTTP/1.10\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H16", "version HTTP/1.2", "RFC 9110 2.5", may,
     "GET {path} HTTP/1.2\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H17", "version HTTP/2.0", "RFC 9110 15.6.6", should,
     "GET {path} HTTP/2.0\r\nHost: {host}\r\n{fields}\r\n"},
    {"H19", "version HTTP/4294967297.1", "RFC 9112 2.3", should,
     "GET {path} HTTP/4294967297.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H20", "version HTTX/1.1", "RFC 9112 2.3", should,
     "GET {path} HTTX/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H21", "CR inside the version", "RFC 9112 2.2", must,
     "GET {path} HTTP/1.\r1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H22", "method FOO", "RFC 6455 4.1", must,
     "FOO {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H23", "method in lower case", "RFC 9110 9.1", must,
     "get {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H24", "method with a bracket", "RFC 9110 9.1", must,
     "GE(T {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H26", "byte 00 in the method", "RFC 9112 3", should,
     "GET\0 {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H27", "CONNECT", "RFC 9110 9.3.6", must,
     "CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H30", "GET *", "RFC 9112 3.2.4", should, "GET * HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H33", "target with another host than Host", "RFC 9112 3.2.2", may,
     "GET http://b.example{path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H34", "target without a host", "RFC 9110 4.2.1", must,
     "GET http://{path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H35", "fragment in the target", "RFC 9112 3.2", should,
     "GET {path}#y HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H36", "byte FF in the target", "RFC 3986 2", should,
     "GET {path}?\xff HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H37", "byte 00 in the target", "RFC 3986 2", should,
     "GET {path}?\0 HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H38", "byte 7F in the target", "RFC 3986 2", should,
     "GET {path}?\x7f HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"},
    {"H39", "target without a slash", "RFC 9112 3.2", should,
     "GET foo HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H40", "%00 in the target", "RFC 3986 7.3", may,
     "GET {path}%00 HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H42", "%zz in the target", "RFC 3986 2.1", should,
     "GET {path}%zz HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
    {"H43", "target that ends in %", "RFC 3986 2.1", may,
     "GET {path}?q=% HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n"sv},
}};

// What stands between the request line and the opening's own fields.
constexpr std::array<Row, 28> field_lines = {{
    {"H49", "two different Hosts", "RFC 9112 3.2", must, "Host: b\r\nHost: {host}\r\n"},
    {"H50", "two equal Hosts", "RFC 9112 3.2", must, "Host: {host}\r\nHost: {host}\r\n"},
    {"H51", "empty Host", "RFC 9112 3.2", must, "Host:\r\n"},
    {"H52", "Host is a list", "RFC 9112 3.2", must, "Host: a, b\r\n"},
    {"H53", "Host with user information", "RFC 9112 3.2", must, "Host: u@a\r\n"},
    {"H54", "Host with a path", "RFC 9112 3.2", must, "Host: a/b\r\n"},
    {"H55", "Host with port 99999", "RFC 9112 3.2", must, "Host: a:99999\r\n"},
    {"H56", "Host with a space", "RFC 9112 3.2", must, "Host: a b\r\n"},
    {"H57", "byte 00 in Host", "RFC 9112 3.2", must, "Host: a\0.b\r\n"sv},
    {"H59", "space before a colon", "RFC 9112 5.1", must, "Host: {host}\r\nX : y\r\n"},
    {"H60", "tab before a colon", "RFC 9112 5.1", must, "Host: {host}\r\nX\t: y\r\n"},
    {"H61", "folded line", "RFC 9112 5.2", should, "Host: {host}\r\nX: a\r\n b\r\n"},
    {"H62", "space before the first field", "RFC 9112 2.2", should, "\tX: a\r\nHost: {host}\r\n"},
    {"H63", "line that ends in LF", "RFC 9112 2.2", should, "Host: {host}\r\nX: y\n"},
    {"H65", "CR inside a value", "RFC 9112 2.2", should, "Host: {host}\r\nX: a\rb\r\n"},
    {"H68", "byte 00 in a value", "RFC 9110 5.5", should, "Host: {host}\r\nX: a\0b\r\n"sv},
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
    {"H80", "byte 00 in a name", "RFC 9110 5.1", should, "Host: {host}\r\nX\0Y: y\r\n"sv},
    {"H92", "Content-Length: +0", "RFC 9112 6.3", must, "Host: {host}\r\nContent-Length: +0\r\n"},
    {"H94", "Content-Length: -0", "RFC 9112 6.3", must, "Host: {host}\r\nContent-Length: -0\r\n"},
    {"H98", "Content-Length without a value", "RFC 9112 6.3", must,
     "Host: {host}\r\nContent-Length:\r\n"},
    {"H108", "space before the colon of Content-Length", "RFC 9112 5.1", must,
     "Host: {host}\r\nContent-Length : 0\r\n"},
    {"H132", "space before the colon of Transfer-Encoding", "RFC 9112 5.1", must,
     "Host: {host}\r\nTransfer-Encoding : chunked\r\n"},
}};

// Nothing wrong with these.
constexpr std::array<Row, 9> good_lines = {{
    {"H58", "Host is an IPv6 address", "RFC 3986 3.2.2", must, "Host: [::1]:80\r\n"},
    {"H71", "bytes above 7F in a value", "RFC 9110 5.5", must,
     "Host: {host}\r\nX: a\xe9\xff"
     "b\r\n"},
    {"H72", "tab inside a value", "RFC 9110 5.5", must, "Host: {host}\r\nX: a\tb\r\n"},
    {"H73", "empty value", "RFC 9110 5.5", must, "Host: {host}\r\nX:\r\n"},
    {"H74", "spaces around a value", "RFC 9110 5.6.3", must, "Host: {host}\r\nX: \t y \t \r\n"},
    {"H75", "bytes 85 and A0 around a value", "RFC 9110 5.5", must,
     "Host: {host}\r\nX: \x85y\xa0\r\n"},
    {"H81", "Content_Length, which is not Content-Length", "RFC 9110 5.1", must,
     "Host: {host}\r\nContent_Length: 5\r\n"},
    {"H82", "fields named __proto__ and constructor", "RFC 9110 5.1", must,
     "Host: {host}\r\n__proto__: x\r\nconstructor: y\r\n"},
    {"H86", "%0d%0a in a value", "RFC 9110 5.5", must, "Host: {host}\r\nX: a%0d%0aY: z\r\n"},
}};

// The usual opening, and one of its parts in another form.
const std::string get = "GET {path} HTTP/1.1\r\n";
const std::string host = "Host: {host}\r\n";
const std::string usual = get + host + "{fields}\r\n";

std::function<void(Script&)> refused(std::string request, Verdict if_accepted) {
  return [request = std::move(request), if_accepted](Script& s) {
    s.opening().wanted = Opening::Wanted::refusal;
    s.opening().request = replaced(request, "{fields}", opening_fields());
    s.opening().if_accepted = if_accepted;
    s.opening().may_wait = true;
  };
}

// Nothing wrong with it.
std::function<void(Script&)> opens(std::string request, Verdict if_refused = Verdict::failed) {
  return [request = std::move(request), if_refused](Script& s) {
    s.opening().request = replaced(request, "{fields}", opening_fields());
    s.opening().if_refused = if_refused;
    s.echo(Item::Kind::text, "Hello");
  };
}

// No HTTP/1.1: who speaks that protocol, too, may answer in it.
std::function<void(Script&)> refused_or_spoken(std::string request, Verdict if_accepted) {
  return [refuse = refused(std::move(request), if_accepted)](Script& s) {
    refuse(s);
    s.opening().if_not_http = Verdict::informational;
  };
}

std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

template <class Rows>
void add_rows(Family& family, const Rows& rows, const std::string& front,
              const std::string& behind) {
  for (const Row& row : rows) {
    family.section(std::string(row.section));
    family.add(std::string(row.id), std::string(row.title),
               refused(front + std::string(row.text) + behind, row.if_accepted));
  }
}

// RFC 6455 section 4.1: the method of an opening is GET.
void add_methods(Family& family) {
  const auto never_opens = [](const std::string& request_line) {
    return [request_line](Script& s) {
      s.opening().wanted = Opening::Wanted::no_opening;
      s.opening().request =
          replaced(request_line + host + "{fields}\r\n", "{fields}", opening_fields());
    };
  };
  family.section("RFC 6455 4.1");
  family.add("H25", "method of 300 bytes",
             refused(std::string(300, 'A') + " {path} HTTP/1.1\r\n" + host + "{fields}\r\n", must));
  family.add("H28", "TRACE", never_opens("TRACE {path} HTTP/1.1\r\n"));
  family.add("H29", "OPTIONS *", never_opens("OPTIONS * HTTP/1.1\r\n"));
  family.add("H31", "HEAD", never_opens("HEAD {path} HTTP/1.1\r\n"));
}

void add_good(Family& family) {
  family.section("RFC 9112 2.2");
  family.add("H02", "empty line before the request line", opens("\r\n" + usual, should));
  family.section("RFC 9112 3.2.2");
  family.add("H32", "target with scheme and host",
             opens("GET http://{host}{path} HTTP/1.1\r\n" + host + "{fields}\r\n", should));
  for (const Row& row : good_lines) {
    family.section(std::string(row.section));
    family.add(std::string(row.id), std::string(row.title),
               opens(get + std::string(row.text) + "{fields}\r\n"));
  }
}

void add_line_ends(Family& family) {
  const std::string text = replaced(usual, "{fields}", opening_fields());
  family.section("RFC 9112 2.2");
  family.add("H64", "lines that end in LF", refused(replaced(text, "\r\n", "\n"), should));
  family.add("H66", "lines that end in CR", refused(replaced(text, "\r\n", "\r"), must));
  family.add("H67", "fields that end in CR LF CR X, and an opening",
             refused(get + host + "\r\rX" + usual, must));
}

void add_other_protocols(Family& family) {
  family.section("RFC 9112 2.3");
  family.add("H11", "no version",
             refused_or_spoken("GET {path}\r\n" + host + "{fields}\r\n", should));
  family.section("RFC 9113 3.4");
  family.add("H18", "preface of HTTP/2, and an opening",
             refused_or_spoken("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + usual, must));
  family.section("RFC 9112 3");
  family.add("H171", "first bytes of TLS",
             refused_or_spoken("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"s, must));
}

void add_reflection(Family& family) {
  family.section("RFC 9110 5.5");
  family.add("H41", "%0d%0a and a field in the target", [](Script& s) {
    refused("GET {path}?a%0d%0aX-Injected:%20y HTTP/1.1\r\n" + host + "{fields}\r\n",
            Verdict::ok)(s);
    s.opening().forbidden_field = "X-Injected";
  });
}

// Every server has limits of its own.
void add_large(Family& family) {
  family.section("RFC 9110 15.5.15");
  family.add(
      "H45", "target of 8,193 bytes",
      refused("GET /" + std::string(8192, 'a') + " HTTP/1.1\r\n" + host + "{fields}\r\n", may));
  family.add("H46", "target of 1 MiB without an end",
             refused("GET /" + std::string(1048576, 'a'), may));
  family.section("RFC 6585 5");
  std::string fields;
  for (int i = 0; i < 100; ++i) fields += "X" + std::to_string(i) + ": y\r\n";
  family.add("H83", "100 fields before the opening's own",
             refused(get + host + fields + "{fields}\r\n", may));
  family.add("H84", "field of 16 KiB and a byte",
             refused(get + host + "X: " + std::string(16385, 'y') + "\r\n{fields}\r\n", may));
  family.add("H85", "20,000 fields without an end",
             refused(get + host + repeated("X: y\r\n", 20000), may));
}

// Who waits for the rest for ever can be kept busy with nothing.
void add_silence(Family& family) {
  family.section("RFC 9110 15.5.9").load(Load::slow);
  family.add("H172", "opening without its last line, then nothing", [](Script& s) {
    refused(get + host + "{fields}", must)(s);
    s.opening().may_wait = false;
    s.opening().if_silent = may;
  });
}

}  // namespace

void add_http(Cases& cases) {
  Family family(cases, "H HTTP");
  family.subject(Subject::servers);
  add_rows(family, request_lines, "", "");
  add_methods(family);
  add_rows(family, field_lines, get, "{fields}\r\n");
  add_good(family);
  add_line_ends(family);
  add_other_protocols(family);
  add_reflection(family);
  add_large(family);
  add_silence(family);
}

}  // namespace duplex::tools::suite

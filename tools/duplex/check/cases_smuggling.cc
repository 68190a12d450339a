// H: HTTP/1.1 in front of an opening: requests whose end can be read in two ways, so that the
// opening may be a part of the body, and requests whose end is plain, so that it is not.
#include <array>

#include "cases.h"
#include "opening.h"

namespace duplex::tools::suite {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

constexpr Verdict should = Verdict::non_strict;  // the RFC lets a recipient repair it
constexpr Verdict may = Verdict::informational;  // or leaves it open

// Fields of a POST and its body; an opening follows.
struct Row {
  std::string_view id;
  std::string_view title;
  std::string_view section;
  std::string_view text;
};
struct RepairableRow {
  std::string_view id;
  std::string_view title;
  std::string_view section;
  Verdict if_repaired;
  std::string_view text;
};

// Nobody knows where these end.
constexpr std::array<Row, 44> ambiguous = {{
    {"H88", "two Content-Lengths", "RFC 9112 6.3",
     "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
    {"H91", "Content-Length: 5, 6", "RFC 9112 6.3", "Content-Length: 5, 6\r\n\r\nhello"},
    {"H93", "Content-Length: -5", "RFC 9112 6.3", "Content-Length: -5\r\n\r\nhello"},
    {"H95", "Content-Length: 0x5", "RFC 9112 6.3", "Content-Length: 0x5\r\n\r\nhello"},
    {"H99", "Content-Length without a value, and another", "RFC 9112 6.3",
     "Content-Length:\r\nContent-Length: 5\r\n\r\nhello"},
    {"H100", "Content-Length: 5 5", "RFC 9112 6.3", "Content-Length: 5 5\r\n\r\nhello"},
    {"H101", "Content-Length: 5a", "RFC 9112 6.3", "Content-Length: 5a\r\n\r\nhello"},
    {"H102", "Content-Length: 1_0", "RFC 9112 6.3", "Content-Length: 1_0\r\n\r\nhello"},
    {"H103", "Content-Length: 2^64", "RFC 9112 6.3",
     "Content-Length: 18446744073709551616\r\n\r\nhello"},
    {"H104", "Content-Length: 2^64 - 1", "RFC 9110 15.5.14",
     "Content-Length: 18446744073709551615\r\n\r\nhello"},
    {"H105", "Content-Length of 30 digits", "RFC 9112 6.3",
     "Content-Length: 999999999999999999999999999999\r\n\r\nhello"},
    {"H106", "Content-Length: 2^30", "RFC 9110 15.5.14", "Content-Length: 1073741824\r\n\r\n"},
    {"H112", "Content-Length and Transfer-Encoding", "RFC 9112 6.1",
     "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H114", "Transfer-Encoding: chunked, twice", "RFC 9112 6.1",
     "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H115", "Transfer-Encoding: chunked, chunked", "RFC 9112 6.1",
     "Transfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H116", "Transfer-Encoding: chunked, identity", "RFC 9112 6.3",
     "Transfer-Encoding: chunked, identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H117", "Transfer-Encoding: chunked, xchunked", "RFC 9112 6.3",
     "Transfer-Encoding: chunked, xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H118", "Transfer-Encoding: chunked, then gzip", "RFC 9112 6.3",
     "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H120", "Transfer-Encoding: identity", "RFC 9112 6.3",
     "Transfer-Encoding: identity\r\n\r\nhello"},
    {"H121", "Transfer-Encoding: xchunked", "RFC 9112 6.3",
     "Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H126", "VT before chunked", "RFC 9112 6.1",
     "Transfer-Encoding: \x0b"
     "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H127", "FF behind chunked", "RFC 9112 6.1",
     "Transfer-Encoding: chunked\x0c\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H128", "byte 00 behind chunked", "RFC 9110 5.5",
     "Transfer-Encoding: chunked\0\r\n\r\n5\r\nhello\r\n0\r\n\r\n"sv},
    {"H129", "byte A0 before chunked", "RFC 9112 6.1",
     "Transfer-Encoding: \xa0"
     "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H130", "chunked in quotes", "RFC 9112 6.1",
     "Transfer-Encoding: \"chunked\"\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H133", "name over two lines", "RFC 9112 5",
     "Transfer-\r\nEncoding: chunked\r\nContent-Length: 5\r\n\r\nhello"},
    {"H135", "chunk size 0x5", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n"},
    {"H136", "chunk size +5", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n"},
    {"H137", "chunk size -2", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n-2\r\nhello\r\n0\r\n\r\n"},
    {"H138", "chunk size 0_5", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n0_5\r\nhello\r\n0\r\n\r\n"},
    {"H139", "space before a chunk size", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n"},
    {"H141", "empty chunk size", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n"},
    {"H142", "chunk size 2^32 + 4", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n100000004\r\ntest\r\n0\r\n\r\n"},
    {"H143", "chunk size 2^64", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nx\r\n0\r\n\r\n"},
    {"H144", "chunk size 2^64 - 1", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx"},
    {"H145", "chunk longer than its size", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX\r\n0\r\n\r\n"},
    {"H146", "no line end behind a chunk", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n"},
    {"H147", "LF behind a chunk", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n"},
    {"H148", "LF behind a chunk size", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"},
    {"H149", "CR and X behind a chunk size", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n5\rXhello\r\n0\r\n\r\n"},
    {"H152", "line end inside a quoted chunk extension", "RFC 9112 7.1.1",
     "Transfer-Encoding: chunked\r\n\r\n5;a=\"\r\nhello\r\n0\r\n\r\n"},
    {"H153", "LF inside a chunk extension", "RFC 9112 7.1.1",
     "Transfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n"},
    {"H154", "CR inside a chunk extension", "RFC 9112 7.1.1",
     "Transfer-Encoding: chunked\r\n\r\n5;a=b\rc\r\nhello\r\n0\r\n\r\n"},
    {"H158", "last chunk that ends in XY", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n0\r\nXY"},
}};

// Whoever repairs these finds the opening where it is.
constexpr std::array<RepairableRow, 11> repairable = {{
    {"H89", "two equal Content-Lengths", "RFC 9110 8.6", may,
     "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
    {"H90", "Content-Length: 5, 5", "RFC 9110 8.6", may, "Content-Length: 5, 5\r\n\r\nhello"},
    {"H119", "Transfer-Encoding: gzip, chunked", "RFC 9112 6.1", may,
     "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H122", "Transfer-Encoding: a comma first", "RFC 9110 5.6.1", may,
     "Transfer-Encoding: ,chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H123", "Transfer-Encoding: a comma last", "RFC 9110 5.6.1", may,
     "Transfer-Encoding: chunked,\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H125", "chunked with a parameter", "RFC 9112 7.1", should,
     "Transfer-Encoding: chunked;q=1\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H131", "folded Transfer-Encoding", "RFC 9112 5.2", should,
     "Transfer-Encoding:\r\n chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H140", "space behind a chunk size", "RFC 9112 7.1", should,
     "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n"},
    {"H155", "chunk extension without a name", "RFC 9112 7.1.1", should,
     "Transfer-Encoding: chunked\r\n\r\n5;\r\nhello\r\n0\r\n\r\n"},
    {"H159", "last line that ends in LF", "RFC 9112 7.1", should,
     "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\n"},
    {"H161", "Content-Length in the trailer", "RFC 9110 6.5.1", Verdict::ok,
     "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nContent-Length: 99\r\n\r\n"},
}};

// Nothing wrong with these: not a byte of the body may be taken for a request.
constexpr std::array<Row, 9> plain = {{
    {"H87", "Content-Length: 5", "RFC 9112 6.2", "Content-Length: 5\r\n\r\nhello"},
    {"H96", "Content-Length: 005", "RFC 9110 8.6", "Content-Length: 005\r\n\r\nhello"},
    {"H97", "Content-Length: 010, which is ten", "RFC 9110 8.6",
     "Content-Length: 010\r\n\r\n0123456789"},
    {"H111", "Transfer-Encoding: CHUNKED", "RFC 9112 7",
     "Transfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"H134", "chunk sizes 00A and 000", "RFC 9112 7.1",
     "Transfer-Encoding: chunked\r\n\r\n00A\r\n0123456789\r\n000\r\n\r\n"},
    {"H150", "chunk extension", "RFC 9112 7.1.1",
     "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n"},
    {"H151", "semicolon in a quoted chunk extension", "RFC 9112 7.1.1",
     "Transfer-Encoding: chunked\r\n\r\n5;a=\"b;c\"\r\nhello\r\n0\r\n\r\n"},
    {"H160", "trailer", "RFC 9112 7.1.2",
     "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: y\r\n\r\n"},
    {"H163", "Transfer-Encoding: chunked", "RFC 9112 9.3",
     "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
}};

const std::string get = "GET {path} HTTP/1.1\r\n";
const std::string post = "POST {path} HTTP/1.1\r\n";
const std::string host = "Host: {host}\r\n";

std::string with_opening(const std::string& request) {
  return request + get + host + opening_fields() + "\r\n";
}

// The opening may not be answered: it may be a part of the body.
std::function<void(Script&)> hidden(const std::string& request) {
  return [request](Script& s) {
    s.opening().wanted = Opening::Wanted::refusal;
    s.opening().request = with_opening(request);
    s.opening().may_wait = true;
  };
}

std::function<void(Script&)> hidden_unless_repaired(const std::string& request, Verdict verdict) {
  return [=](Script& s) {
    hidden(request)(s);
    s.opening().if_accepted = verdict;
    s.opening().max_responses = 2;
  };
}

std::function<void(Script&)> in_step(const std::string& request) {
  return [request](Script& s) {
    s.opening().wanted = Opening::Wanted::in_step;
    s.opening().request = with_opening(request);
    s.opening().max_responses = 2;
  };
}

// What is in front of the opening may be answered, with so many answers, but not the opening.
std::function<void(Script&)> never_opens(const std::string& request, std::size_t answers) {
  return [=](Script& s) {
    s.opening().wanted = Opening::Wanted::no_opening;
    s.opening().request = with_opening(request);
    s.opening().max_responses = answers;
  };
}

void add_bodies(Family& family) {
  for (const Row& row : ambiguous) {
    family.section(std::string(row.section));
    family.add(std::string(row.id), std::string(row.title) + ", and an opening",
               hidden(post + host + std::string(row.text)));
  }
  for (const RepairableRow& row : repairable) {
    family.section(std::string(row.section));
    family.add(std::string(row.id), std::string(row.title) + ", and an opening",
               hidden_unless_repaired(post + host + std::string(row.text), row.if_repaired));
  }
  for (const Row& row : plain) {
    family.section(std::string(row.section));
    family.add(std::string(row.id), std::string(row.title) + ", then an opening",
               in_step(post + host + std::string(row.text)));
  }
  family.section("RFC 9110 9.3.1");
  family.add("H107", "GET with a body, then an opening",
             in_step(get + host + "Content-Length: 5\r\n\r\nhello"));
}

const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n";
const std::string hello = "5\r\nhello\r\n0\r\n\r\n";

// "hello" is a body, or the front of a method that nobody knows.
void add_unread_bodies(Family& family) {
  family.section("RFC 9112 5.2");
  family.add("H109", "folded line that looks like Content-Length, and an opening",
             never_opens(post + host + "X: y\r\n Content-Length: 5\r\n\r\nhello", 2));
  family.section("RFC 9112 6.1");
  family.add("H113", "Transfer-Encoding in HTTP/1.0, and an opening",
             never_opens("POST {path} HTTP/1.0\r\n" + host + chunked + hello, 1));
  family.add("H124", "Transfer-Encoding without a value, and an opening",
             never_opens(post + host + "Transfer-Encoding:\r\n\r\nhello", 2));
}

// Each server has limits of its own.
void add_overheads(Family& family) {
  std::string chunks;
  for (int i = 0; i < 10000; ++i) chunks += "1;a\r\nx\r\n";
  std::string trailer;
  for (int i = 0; i < 20000; ++i) trailer += "X: y\r\n";
  family.section("RFC 9112 7.1.1");
  family.add(
      "H156", "chunk extension of 64 KiB, and an opening",
      hidden_unless_repaired(
          post + host + chunked + "5;" + std::string(65536, 'a') + "\r\nhello\r\n0\r\n\r\n", may));
  family.add("H157", "10,000 chunks of one byte with an extension, and an opening",
             hidden_unless_repaired(post + host + chunked + chunks + "0\r\n\r\n", may));
  family.section("RFC 6585 5");
  family.add("H162", "trailer of 20,000 fields, and an opening",
             hidden_unless_repaired(
                 post + host + chunked + "5\r\nhello\r\n0\r\n" + trailer + "\r\n", may));
}

// The connection ends before the opening.
void add_ends(Family& family) {
  family.section("RFC 9112 2.2");
  family.add("H164", "byte 00 behind the last chunk, and an opening",
             never_opens(post + host + chunked + hello + "\0"s, 2));
  family.section("RFC 9112 9.6");
  family.add("H165", "two requests, the second with Connection: close, and an opening",
             never_opens(get + host + "\r\n" + get + host + "Connection: close\r\n\r\n", 2));
  family.section("RFC 9112 9.3");
  family.add("H166", "request of HTTP/1.0, and an opening",
             never_opens("GET {path} HTTP/1.0\r\n" + host + "\r\n", 1));
  family.section("RFC 9112 3");
  family.add("H167", "request, bytes that are none, and an opening",
             never_opens(get + host + "\r\n\x01\x02\r\n\r\n", 2));
}

// The opening is a part of a body that does not end.
void add_silence(Family& family) {
  family.section("RFC 9110 15.5.9").load(Load::slow);
  family.add("H173", "body with an opening in it and without its end, then nothing", [](Script& s) {
    never_opens(post + host + "Content-Length: 1000\r\n\r\n", 1)(s);
    s.opening().if_silent = may;
  });
}

}  // namespace

void add_smuggling(Cases& cases) {
  Family family(cases, "H HTTP");
  family.subject(Subject::servers);
  add_bodies(family);
  add_unread_bodies(family);
  add_overheads(family);
  add_ends(family);
  add_silence(family);
}

}  // namespace duplex::tools::suite

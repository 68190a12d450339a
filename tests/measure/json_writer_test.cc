// JSON output: structure, escapes, numbers.
#include "measure/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace duplex::measure {
namespace {

TEST(JsonWriter, ObjectsAndArraysAreIndented) {
  JsonWriter json;
  json.begin_object()
      .member("name", "wind")
      .key("rows")
      .begin_array()
      .value(1)
      .begin_object()
      .member("ok", true)
      .end_object()
      .end_array()
      .key("nothing")
      .null()
      .end_object();
  EXPECT_EQ(json.text(),
            "{\n"
            "  \"name\": \"wind\",\n"
            "  \"rows\": [\n"
            "    1,\n"
            "    {\n"
            "      \"ok\": true\n"
            "    }\n"
            "  ],\n"
            "  \"nothing\": null\n"
            "}\n");
}

TEST(JsonWriter, EmptyOnesStayOnOneLine) {
  JsonWriter json;
  json.begin_object().key("a").begin_array().end_array().key("o").begin_object().end_object();
  json.end_object();
  EXPECT_EQ(json.text(), "{\n  \"a\": [],\n  \"o\": {}\n}\n");
}

TEST(JsonWriter, SingleValueIsADocument) {
  JsonWriter json;
  EXPECT_EQ(json.value(false).text(), "false\n");
}

TEST(JsonWriter, NumbersKeepTheirValue) {
  JsonWriter json;
  json.begin_array()
      .value(0.1)
      .value(1e300)
      .value(HUGE_VAL)
      .value(std::nan(""))
      .value(std::numeric_limits<std::int64_t>::min())
      .value(std::numeric_limits<std::uint64_t>::max())
      .end_array();
  EXPECT_EQ(json.text(),
            "[\n  0.1,\n  1e+300,\n  null,\n  null,\n  -9223372036854775808,\n"
            "  18446744073709551615\n]\n");
}

TEST(JsonString, EscapesAsInRfc8259Section7) {
  EXPECT_EQ(json_string("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(json_string("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
  EXPECT_EQ(json_string(std::string_view("\0\x0f\x1f", 3)), "\"\\u0000\\u000f\\u001f\"");
  EXPECT_EQ(json_string("145 µs\x7f"), "\"145 µs\x7f\"");
}

}  // namespace
}  // namespace duplex::measure

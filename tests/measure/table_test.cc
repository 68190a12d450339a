// Tables as aligned text and as CSV.
#include "measure/table.h"

#include <gtest/gtest.h>

#include "measure/format.h"

namespace duplex::measure {
namespace {

Table latencies() {
  Table table(
      {{.heading = "transport", .align = Align::left}, {.heading = "p50"}, {.heading = "x"}});
  table.add_row({"websocket", "145 µs", "1.00×"});
  table.add_row({"sse", "20.3 ms", ""});
  return table;
}

TEST(Table, AlignsByWidthOnTheScreen) {
  EXPECT_EQ(latencies().text(),
            "transport      p50      x\n"
            "websocket   145 µs  1.00×\n"
            "sse        20.3 ms\n");
  EXPECT_EQ(latencies().row_count(), 2u);
}

TEST(Table, WithoutRowsIsItsHeadings) {
  EXPECT_EQ(Table({{.heading = "a"}, {.heading = "b"}}).text(), "a  b\n");
}

TEST(Table, LeftAlignedLastColumnHasNoSpacesAtTheEnd) {
  Table table({{.heading = "n"}, {.heading = "verdict", .align = Align::left}});
  table.add_row({"10", "ok"});
  EXPECT_EQ(table.text(), " n  verdict\n10  ok\n");
}

TEST(Table, CsvHasEveryCell) {
  EXPECT_EQ(latencies().csv(),
            "transport,p50,x\r\n"
            "websocket,145 µs,1.00×\r\n"
            "sse,20.3 ms,\r\n");
}

TEST(Table, MarkdownHasAlignmentsAndEscapesBars) {
  Table table({{.heading = "a|b", .align = Align::left}, {.heading = "n"}});
  table.add_row({"x", "1"});
  EXPECT_EQ(table.markdown(),
            "| a\\|b | n |\n"
            "|---|---:|\n"
            "| x | 1 |\n");
}

TEST(Table, CsvKeepsAnEmptyFirstCell) {
  Table table({{.heading = ""}, {.heading = "b"}});
  table.add_row({"", "2"});
  EXPECT_EQ(table.csv(), ",b\r\n,2\r\n");
}

TEST(CsvField, IsQuotedWhereRfc4180Asks) {
  EXPECT_EQ(csv_field("plain text"), "plain text");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_field("\r"), "\"\r\"");
}

TEST(Table, AsHtml) {
  Table table({{.heading = "a<b", .align = Align::left}, {.heading = "n"}});
  table.add_row({"x & y", "1"});
  EXPECT_EQ(table.html(),
            "<table>\n<tr><th>a&lt;b</th><th class=\"n\">n</th></tr>\n"
            "<tr><td>x &amp; y</td><td class=\"n\">1</td></tr>\n</table>\n");
  EXPECT_EQ(escape_markup("\"<>&\""), "&quot;&lt;&gt;&amp;&quot;");
}

}  // namespace
}  // namespace duplex::measure

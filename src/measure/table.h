// Results as text for people, CSV for spreadsheets and Markdown for pages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::measure {

enum class Align { left, right };

struct Column {
  std::string heading = {};
  Align align = Align::right;
};

// Rows of cells that are formatted already; as wide as the widest cell. Owner: the report.
class Table {
 public:
  explicit Table(const std::vector<Column>& columns);

  void add_row(std::vector<std::string> cells);  // as many as there are columns
  std::size_t row_count() const noexcept { return rows_.size() - 1; }

  // Columns two spaces apart, headings above, no space at the end of a line.
  std::string text() const;
  std::string csv() const;
  std::string html() const;      // an element <table>; right-aligned cells have the class "n"
  std::string markdown() const;  // a table of GitHub's Markdown; bars in cells are escaped

 private:
  std::vector<Align> alignments_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> rows_;  // the headings first
};

// One CSV field, quoted if it has to be: RFC 4180 2.
std::string csv_field(std::string_view text);

}  // namespace duplex::measure

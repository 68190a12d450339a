// Tables: aligned text, and CSV as in RFC 4180.
#include "measure/table.h"

#include <algorithm>
#include <cassert>

#include "measure/format.h"

namespace duplex::measure {
namespace {

using Row = std::vector<std::string>;

Row headings_of(const std::vector<Column>& columns) {
  Row headings;
  for (const Column& column : columns) headings.push_back(column.heading);
  return headings;
}

void widen(std::vector<std::size_t>& widths, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    widths[i] = std::max(widths[i], display_width(row[i]));
  }
}

std::string text_line(const std::vector<Column>& columns, const std::vector<std::size_t>& widths,
                      const Row& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto pad = columns[i].align == Align::right ? pad_left : pad_right;
    line += (i == 0 ? "" : "  ") + pad(row[i], widths[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string csv_line(const Row& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) line += (i == 0 ? "" : ",") + csv_field(row[i]);
  return line + "\r\n";
}

}  // namespace

void Table::add_row(std::vector<std::string> cells) {
  assert(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  const Row headings = headings_of(columns_);
  std::vector<std::size_t> widths(columns_.size());
  widen(widths, headings);
  for (const Row& row : rows_) widen(widths, row);
  std::string text = text_line(columns_, widths, headings);
  for (const Row& row : rows_) text += text_line(columns_, widths, row);
  return text;
}

std::string Table::csv() const {
  std::string text = csv_line(headings_of(columns_));
  for (const Row& row : rows_) text += csv_line(row);
  return text;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

}  // namespace duplex::measure

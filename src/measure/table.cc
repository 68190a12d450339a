// Tables: aligned text, and CSV as in RFC 4180.
#include "measure/table.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "measure/format.h"

namespace duplex::measure {
namespace {

using Row = std::vector<std::string>;

template <class ToLine>
std::string lines(const std::vector<Row>& rows, ToLine to_line) {
  return std::accumulate(rows.begin(), rows.end(), std::string(),
                         [&](std::string text, const Row& row) {
                           text += to_line(row);
                           return text;
                         });
}

std::string csv_line(const Row& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) line += (i == 0 ? "" : ",") + csv_field(row[i]);
  return line + "\r\n";
}

std::string markdown_line(const std::vector<std::string>& row) {
  std::string line = "|";
  for (const std::string& cell : row) {
    line += ' ';
    for (const char c : cell) line.append(c == '|' ? "\\|" : std::string(1, c));
    line += " |";
  }
  return line + '\n';
}

}  // namespace

Table::Table(const std::vector<Column>& columns) : widths_(columns.size()) {
  Row headings;
  for (const Column& column : columns) {
    alignments_.push_back(column.align);
    headings.push_back(column.heading);
  }
  add_row(std::move(headings));
}

void Table::add_row(std::vector<std::string> cells) {
  assert(cells.size() == widths_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    widths_[i] = std::max(widths_[i], display_width(cells[i]));
  }
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  return lines(rows_, [this](const Row& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto pad = alignments_[i] == Align::right ? pad_left : pad_right;
      line += (i == 0 ? "" : "  ") + pad(row[i], widths_[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + '\n';
  });
}

std::string Table::csv() const { return lines(rows_, csv_line); }

std::string Table::html() const {
  std::string text = "<table>\n";
  for (const Row& row : rows_) {
    const std::string_view name = &row == &rows_.front() ? "th" : "td";
    text += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      text.append("<").append(name).append(alignments_[i] == Align::right ? " class=\"n\">" : ">");
      text.append(escape_markup(row[i])).append("</").append(name).append(">");
    }
    text += "</tr>\n";
  }
  return text + "</table>\n";
}

std::string Table::markdown() const {
  std::string text = markdown_line(rows_.front()) + '|';
  for (const Align align : alignments_) text += align == Align::right ? "---:|" : "---|";
  text += '\n';
  for (std::size_t i = 1; i < rows_.size(); ++i) text += markdown_line(rows_[i]);
  return text;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

}  // namespace duplex::measure

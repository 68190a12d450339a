// Draws frames.
#include "bit_box.h"

#include <algorithm>

#include "../connect/message_text.h"
#include "measure/format.h"

namespace duplex::tools {
namespace {

// With an indentation of 8 columns it fits into a terminal of 80.
constexpr std::size_t max_width = 72;
constexpr std::size_t fewest_shown = 4;  // bytes: rather than less, the cells lose their margins

constexpr std::size_t length_cell = 5;  // that of the real length, where there is one

struct Cell {
  std::string title;
  std::string content;
};

std::string bits(unsigned value, int count) {
  std::string text;
  for (int bit = count - 1; bit >= 0; --bit) text += (value >> bit & 1) != 0 ? '1' : '0';
  return text;
}

std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

// In the middle of `width` columns.
std::string centred(const std::string& text, std::size_t width) {
  const std::size_t spare = width - std::min(width, measure::display_width(text));
  return std::string(spare / 2, ' ') + text + std::string(spare - spare / 2, ' ');
}

std::vector<Cell> cells(const SeenFrame& frame, std::size_t shown) {
  const auto first = std::to_integer<unsigned>(frame.header_bytes[0]);
  const auto second = std::to_integer<unsigned>(frame.header_bytes[1]);
  std::vector<Cell> cells = {{"FIN", bits(first >> 7, 1)},
                             {"RSV", bits(first >> 4, 3)},
                             {"opcode", bits(first, 4)},
                             {"MASK", bits(second >> 7, 1)},
                             {"length", bits(second, 7)}};
  const std::size_t key_size = frame.header.masked ? 4 : 0;
  const std::size_t extended = frame.header_size - 2 - key_size;
  const Bytes header = Bytes(frame.header_bytes).first(frame.header_size);
  if (extended > 0) cells.push_back({"real length", hex_text(header.subspan(2, extended))});
  if (key_size > 0) cells.push_back({"masking key", hex_text(header.last(4))});
  if (frame.header.payload_length > 0) {
    cells.push_back({"payload", hex_beginning(frame.sent, shown, frame.header.payload_length)});
  }
  return cells;
}

struct Box {
  std::vector<Cell> cells;
  std::size_t margins = 2;  // of a cell, both together
};

std::size_t width_of(const Cell& cell, std::size_t margins) {
  return margins +
         std::max(measure::display_width(cell.title), measure::display_width(cell.content));
}

std::size_t width_of(const Box& box) {
  std::size_t width = 1;
  for (const Cell& cell : box.cells) width += width_of(cell, box.margins) + 1;
  return width;
}

Box make_box(const SeenFrame& frame, std::size_t shown) {
  Box box = {.cells = cells(frame, shown)};
  while (width_of(box) > max_width && shown > fewest_shown) box.cells = cells(frame, --shown);
  if (width_of(box) > max_width) box.margins = 0;
  // Eight bytes of length and a mask: the length's bytes stand together.
  if (width_of(box) > max_width) std::erase(box.cells[length_cell].content, ' ');
  return box;
}

// "┌───┬───┐"
std::string rule(const Box& box, std::string_view left, std::string_view between,
                 std::string_view right) {
  std::string line(left);
  for (std::size_t i = 0; i < box.cells.size(); ++i) {
    if (i > 0) line += between;
    line += repeated("─", width_of(box.cells[i], box.margins));
  }
  return line + std::string(right);
}

std::string row(const Box& box, std::string Cell::*part) {
  std::string line = "│";
  for (const Cell& cell : box.cells) {
    line += centred(cell.*part, width_of(cell, box.margins)) + "│";
  }
  return line;
}

}  // namespace

std::string hex_beginning(Bytes bytes, std::size_t shown, std::uint64_t size) {
  const std::size_t count = std::min(bytes.size(), shown);
  return hex_text(bytes.first(count)) + (count < size ? " …" : "");
}

std::vector<std::string> bit_box(const SeenFrame& frame, std::size_t shown) {
  const Box box = make_box(frame, shown);
  return {rule(box, "┌", "┬", "┐"), row(box, &Cell::title), row(box, &Cell::content),
          rule(box, "└", "┴", "┘")};
}

std::vector<std::string> mask_lines(const SeenFrame& frame, std::size_t shown) {
  const std::size_t count = std::min(frame.sent.size(), shown);
  if (!frame.header.masked || count == 0) return {};
  std::vector<std::byte> key;
  for (std::size_t i = 0; i < count; ++i) key.push_back(frame.header.masking_key[i % 4]);
  const std::uint64_t size = frame.header.payload_length;
  return {"  " + hex_beginning(frame.sent, shown, size) + "   the payload as it was sent",
          "⊕ " + hex_beginning(key, shown, size) + "   the masking key, over and over",
          "= " + hex_beginning(frame.payload, shown, size) +
              (frame.inflated ? "   what was meant, compressed" : "   what was meant")};
}

}  // namespace duplex::tools

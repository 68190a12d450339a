// A drawing as SVG.
#include "svg.h"

#include <array>

#include "measure/format.h"

namespace duplex::tools {
namespace {

using measure::escape_markup;

// A tenth of a pixel is enough.
std::string pixels(double value) { return measure::fixed(value, 1); }

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + std::string(value) + "\"";
}

std::string path_of(const std::vector<Point>& points) {
  std::string text;
  for (const Point& point : points) {
    text += (text.empty() ? "" : " ") + pixels(point.x) + "," + pixels(point.y);
  }
  return text;
}

}  // namespace

Svg::Svg(double width, double height, std::string title)
    : width_(width), height_(height), title_(std::move(title)) {}

void Svg::line(Point from, Point to, std::string_view css_class) {
  body_ += "<line" + attribute("x1", pixels(from.x)) + attribute("y1", pixels(from.y)) +
           attribute("x2", pixels(to.x)) + attribute("y2", pixels(to.y)) +
           attribute("class", css_class) + "/>\n";
}

void Svg::polyline(const std::vector<Point>& points, std::string_view css_class) {
  body_ +=
      "<polyline" + attribute("points", path_of(points)) + attribute("class", css_class) + "/>\n";
}

void Svg::polygon(const std::vector<Point>& points, std::string_view css_class) {
  body_ +=
      "<polygon" + attribute("points", path_of(points)) + attribute("class", css_class) + "/>\n";
}

void Svg::rect(Point corner, double width, double height, std::string_view css_class,
               std::string_view tip) {
  body_ += "<rect" + attribute("x", pixels(corner.x)) + attribute("y", pixels(corner.y)) +
           attribute("width", pixels(width)) + attribute("height", pixels(height)) +
           attribute("class", css_class) + "><title>" + escape_markup(tip) + "</title></rect>\n";
}

void Svg::circle(Point middle, double radius, std::string_view css_class) {
  body_ += "<circle" + attribute("cx", pixels(middle.x)) + attribute("cy", pixels(middle.y)) +
           attribute("r", pixels(radius)) + attribute("class", css_class) + "/>\n";
}

void Svg::text(Point at, std::string_view words, Anchor anchor, std::string_view css_class) {
  constexpr std::array<std::string_view, 3> anchors = {"start", "middle", "end"};
  body_ += "<text" + attribute("x", pixels(at.x)) + attribute("y", pixels(at.y)) +
           attribute("text-anchor", anchors[static_cast<std::size_t>(anchor)]) +
           attribute("class", css_class) + ">" + escape_markup(words) + "</text>\n";
}

std::string Svg::finish(std::string_view style) const {
  const std::string box = "0 0 " + pixels(width_) + " " + pixels(height_);
  std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\"" + attribute("viewBox", box) +
                     attribute("role", "img") + ">\n<title>" + escape_markup(title_) + "</title>\n";
  if (!style.empty()) text += "<style>\n" + std::string(style) + "</style>\n";
  return text + body_ + "</svg>\n";
}

}  // namespace duplex::tools

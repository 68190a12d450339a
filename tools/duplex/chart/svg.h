// A drawing as SVG (W3C SVG 2), to stand in a page or in a file of its own. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace duplex::tools {

struct Point {
  double x = 0;
  double y = 0;
};

enum class Anchor { start, middle, end };

// Pixels; y grows downwards. What a class looks like is decided by the style sheet around it.
class Svg {
 public:
  // `title` is read out where the drawing cannot be seen.
  Svg(double width, double height, std::string title);

  void line(Point from, Point to, std::string_view css_class);
  void polyline(const std::vector<Point>& points, std::string_view css_class);
  void polygon(const std::vector<Point>& points, std::string_view css_class);
  void rect(Point corner, double width, double height, std::string_view css_class,
            std::string_view tip = {});
  void circle(Point middle, double radius, std::string_view css_class);
  void text(Point at, std::string_view words, Anchor anchor, std::string_view css_class = "");

  // The element. With a style sheet it is a file that stands alone.
  std::string finish(std::string_view style = {}) const;

 private:
  double width_;
  double height_;
  std::string title_;
  std::string body_ = {};
};

}  // namespace duplex::tools

// What pages are made of: markup around text that is escaped here. Pure.
#pragma once

#include <string>
#include <string_view>

#include "environment.h"

namespace duplex::tools {

// Everything up to the heading, with the style of all pages.
std::string page_head(std::string_view title);
inline constexpr std::string_view page_end = "</body></html>\n";

// Lines of text as one paragraph.
std::string paragraph(std::string_view text, std::string_view css_class = {});
// `content` and `drawing` are markup. A section of level 3 belongs to one of level 2.
std::string section(std::string_view title, std::string_view content, int level = 2);
std::string figure(std::string_view drawing, std::string_view caption);
// Shown when it is asked for; not printed before.
std::string folded(std::string_view title, std::string_view content);
std::string preformatted(std::string_view text);

std::string environment_list(const Environment& environment);
// The command that repeats a run.
std::string command_of(const Environment& environment);

}  // namespace duplex::tools

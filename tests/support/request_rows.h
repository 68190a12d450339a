// What the answers to the rows of tests/data/http_requests.json are.
#pragma once

#include <map>
#include <sstream>
#include <string>

namespace duplex::support {

// Where a row leaves a choice, this is ours. "wait": the parser is content and wants more.
struct RowExpectation {
  const char* outcome;
  const char* ids;
};

inline constexpr RowExpectation row_expectations[] = {
    {"200",
     "H01 H02 H29 H31 H32 H41 H44 H48 H58 H71 H72 H73 H74 H75 H81 H82 H86 H87 H96 H97 H110 H111 "
     "H134 H150 H151 H160 H161 H166"},
    {"200 200", "H107 H163 H165"},
    {"200 400", "H164 H167"},
    {"400",
     "H03 H04 H05 H06 H07 H08 H09 H10 H11 H12 H13 H14 H15 H19 H20 H21 H24 H26 H30 H33 H34 H35 H36 "
     "H37 H38 H39 H40 H42 H43 H47 H49 H50 H51 H52 H53 H54 H55 H56 H57 H59 H60 H61 H62 H63 H64 H65 "
     "H66 H67 H68 H69 H70 H76 H77 H78 H79 H80 H88 H89 H90 H91 H92 H93 H94 H95 H98 H99 H100 H101 "
     "H102 H103 H105 H108 H109 H112 H113 H114 H115 H116 H117 H118 H120 H121 H122 H123 H124 H125 "
     "H126 H127 H128 H129 H130 H131 H132 H133 H135 H136 H137 H138 H139 H140 H141 H143 H145 H146 "
     "H147 H148 H149 H152 H153 H154 H155 H156 H157 H158 H159 H171"},
    {"413", "H104 H106 H142 H144 H169"},
    {"414", "H45 H46"},
    {"417", "H170"},
    {"431", "H83 H84 H85 H162"},
    {"501", "H22 H23 H25 H27 H28 H119"},
    {"505", "H16 H17 H18"},
    {"wait", "H168 H172 H173"},
    // Openings are requests like others here, with whatever follows them.
    {"400", "W28 W29"},
    {"431", "W65"},
};

inline std::map<std::string, std::string> expected_outcomes() {
  std::map<std::string, std::string> outcomes;
  for (const auto& [outcome, ids] : row_expectations) {
    std::istringstream words(ids);
    for (std::string id; words >> id;) outcomes[id] = outcome;
  }
  return outcomes;
}

}  // namespace duplex::support

// What stands beside every figure: machine, kernel, compiler, commit.
#pragma once

#include <vector>

namespace duplex::bench {

void print_heading(const char* title);

double median(std::vector<double> values);

// Only a short look: fewer rounds (the program was called with --quick).
bool is_quick(int argc, char** argv);

}  // namespace duplex::bench

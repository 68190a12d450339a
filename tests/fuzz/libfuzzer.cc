// Joins the one target that is linked with it to libFuzzer.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "target.h"

namespace {

// The first expectation that is not met ends the program, and libFuzzer keeps the input.
class Ending final : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.failed()) std::abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  testing::UnitTest::GetInstance()->listeners().Append(new Ending);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  duplex::fuzz::targets().front().run({reinterpret_cast<const char*>(data), size});
  return 0;
}

// "HOST:PORT" as an address.
#include "../../tools/duplex/address_text.h"

#include <gtest/gtest.h>

#include <string>
#include <system_error>

#include "simulation/kernel.h"
#include "simulation/world.h"

namespace duplex::tools {
namespace {

class AddressText : public testing::Test {
 protected:
  std::string resolved(std::string_view text) { return resolve_address(kernel_, text).text(); }

  std::string refusal_of(std::string_view text) {
    try {
      return "accepted as " + resolved(text);
    } catch (const std::system_error& error) {
      return error.what();
    }
  }

  simulation::World world_;
  simulation::Kernel kernel_{world_};
};

TEST_F(AddressText, IsAHostWithAPortOrWithout) {
  EXPECT_EQ(resolved("127.0.0.1:9001"), "127.0.0.1:9001");
  EXPECT_EQ(resolved("127.0.0.1"), "127.0.0.1:80");
  EXPECT_EQ(resolved("[::1]:0"), "[::1]:0");
  EXPECT_EQ(resolved("[::1]"), "[::1]:80");
  EXPECT_EQ(resolve_address(kernel_, "127.0.0.1", 9001).text(), "127.0.0.1:9001");
}

TEST_F(AddressText, SaysWhatIsWrong) {
  for (const std::string wrong : {"127.0.0.1:65536", "127.0.0.1:", "127.0.0.1:x", ":9001", "",
                                  "ws://127.0.0.1:0", "127.0.0.1/a", "9001", "9001:80"}) {
    EXPECT_EQ(refusal_of(wrong).find("'" + wrong + "' is not HOST or HOST:PORT"), 0U)
        << refusal_of(wrong);
  }
  EXPECT_EQ(refusal_of("nowhere.test:80").find("no address is known for 'nowhere.test'"), 0U)
      << refusal_of("nowhere.test:80");
}

}  // namespace
}  // namespace duplex::tools

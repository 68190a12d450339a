// Names of events, short and long.
#include "socketio/event_name.h"

#include <gtest/gtest.h>

namespace duplex::socketio {
namespace {

TEST(EventName, IsWhatItWasMadeOf) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text =
        std::string("abcdefghijklmnopqrstuvwxyz0123456789....").substr(0, size);
    EXPECT_EQ(EventName(text).view(), text);
  }
  const std::string_view with_zero("a\0b", 3);
  EXPECT_EQ(EventName(with_zero).view(), with_zero);
}

TEST(EventName, IsSmall) { EXPECT_EQ(sizeof(EventName), 14U); }

}  // namespace
}  // namespace duplex::socketio

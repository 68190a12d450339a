// What is left behind when the memory runs out while text is made: nothing.
#include <gtest/gtest.h>

#include <new>
#include <string>

#include "../support/allocations.h"
#include "duplex/http/router.h"
#include "duplex/http/target.h"
#include "duplex/http/url.h"

namespace duplex::http {
namespace {

const std::string long_path =
    "/a%41%2f/" + std::string(100, 'x') + "/../%20" + std::string(100, '<');

// Calls `make` with the first allocation failing, then the second, and so on until none fails.
// Returns how many could fail.
template <class Make>
int fail_each_allocation(const Make& make) {
  const std::size_t before = support::live_allocation_count();
  for (int successes = 0;; ++successes) {
    try {
      const support::FailingAllocation failing(static_cast<std::size_t>(successes));
      make();
      EXPECT_EQ(support::live_allocation_count(), before);
      return successes;
    } catch (const std::bad_alloc&) {
      EXPECT_EQ(support::live_allocation_count(), before);
    }
  }
}

TEST(OutOfMemory, WhileEscapesAreReplaced) {
  EXPECT_GE(fail_each_allocation([] { (void)percent_decode(long_path); }), 1);
  EXPECT_GE(fail_each_allocation([] { (void)percent_encode(long_path); }), 2);
  EXPECT_GE(fail_each_allocation([] { (void)normalize_path(long_path); }), 2);
  EXPECT_GE(fail_each_allocation([] { (void)relative_file_path(long_path.substr(10)); }), 2);
}

TEST(OutOfMemory, WhileAQueryIsRead) {
  const std::string query = "a=b&" + std::string(100, 'n') + "=" + std::string(100, 'v');
  const std::string name(100, 'n');
  EXPECT_GE(fail_each_allocation([&] { (void)query_parameter(query, name); }), 2);
}

TEST(OutOfMemory, WhileAUrlIsRead) {
  const std::string url = "ws://" + std::string(100, 'h') + ":81" + std::string(100, '/');
  EXPECT_GE(fail_each_allocation([&] { (void)parse_url(url); }), 2);
}

TEST(OutOfMemory, WhileARouteIsFound) {
  RouteTable table;
  ASSERT_TRUE(table.add("GET", "/{first}/{rest...}"));
  ASSERT_TRUE(table.add("PUT", "/{first}/{rest...}"));
  EXPECT_GE(fail_each_allocation([&] { (void)table.match("GET", long_path); }), 2);
  EXPECT_GE(fail_each_allocation([&] { (void)table.match("POST", long_path); }), 2);
}

}  // namespace
}  // namespace duplex::http

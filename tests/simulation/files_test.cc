// The table of files, and that nobody leaves the root.
#include "simulation/files.h"

#include <gtest/gtest.h>

#include "connected.h"

namespace duplex::simulation {
namespace {

struct FilesTest : testing::Test {
  FilesTest() {
    world.files().add("/www/index.html", "<html>", 1234);
    world.files().add("/www/sub/a.txt", "abcdef");
    world.files().add("/etc/secret", "secret");
    root = kernel.open_directory("/www/");
  }
  std::string read(int fd, std::size_t size, std::uint64_t offset) {
    std::vector<std::byte> bytes(size);
    const auto count = kernel.pread(fd, bytes, offset);
    if (count < 0) return strerrorname_np(static_cast<int>(-count));
    return std::string(as_text(Bytes(bytes).first(static_cast<std::size_t>(count))));
  }

  World world;
  Kernel kernel{world};
  int root = -1;
};

TEST_F(FilesTest, AreReadAtAnyOffset) {
  const int fd = kernel.open_beneath(root, "sub/a.txt");
  EXPECT_EQ(read(fd, 100, 0), "abcdef");
  EXPECT_EQ(read(fd, 2, 2), "cd");
  EXPECT_EQ(read(fd, 2, 6), "");
  EXPECT_EQ(read(root, 2, 0), "EISDIR");
}

TEST_F(FilesTest, HaveAStatus) {
  net::FileStatus status;
  EXPECT_EQ(kernel.fstat(kernel.open_beneath(root, "index.html"), status), 0);
  EXPECT_EQ(status.size, 6U);
  EXPECT_EQ(status.modified_seconds, 1234);
  EXPECT_TRUE(status.is_regular);
  EXPECT_EQ(kernel.fstat(kernel.open_beneath(root, "sub/"), status), 0);
  EXPECT_TRUE(status.is_directory);
}

TEST_F(FilesTest, PathsAreResolvedBeneathTheRoot) {
  EXPECT_GE(kernel.open_beneath(root, "./sub/../sub//a.txt"), 0);
  EXPECT_GE(kernel.open_beneath(root, "."), 0);
  EXPECT_GE(kernel.open_beneath(kernel.open_directory("/"), "etc/secret"), 0);
  EXPECT_GE(kernel.open_beneath(kernel.open_directory("/"), "."), 0);
  EXPECT_EQ(kernel.open_beneath(root, "../etc/secret"), -EXDEV);
  EXPECT_EQ(kernel.open_beneath(root, "sub/../../etc/secret"), -EXDEV);
  EXPECT_EQ(kernel.open_beneath(root, "/etc/secret"), -EXDEV);
  EXPECT_EQ(kernel.open_beneath(root, ""), -ENOENT);
  EXPECT_EQ(kernel.open_beneath(root, "missing"), -ENOENT);
  EXPECT_EQ(kernel.open_beneath(root, "index.html/"), -ENOTDIR);
  EXPECT_EQ(kernel.open_beneath(kernel.open_beneath(root, "index.html"), "a"), -ENOTDIR);
  EXPECT_EQ(kernel.open_directory("/www/index.html"), -ENOTDIR);
  EXPECT_EQ(kernel.open_directory("/missing"), -ENOENT);
}

TEST_F(FilesTest, OpenOneKeepsItsContent) {
  const int fd = kernel.open_beneath(root, "index.html");
  world.files().add("/www/index.html", "new");
  EXPECT_EQ(read(fd, 100, 0), "<html>");
  EXPECT_EQ(read(kernel.open_beneath(root, "index.html"), 100, 0), "new");
  world.files().remove("/www/index.html");
  EXPECT_EQ(kernel.open_beneath(root, "index.html"), -ENOENT);
}

TEST_F(FilesTest, AreReadShortlyOnDemand) {
  const int fd = kernel.open_beneath(root, "sub/a.txt");
  kernel.faults().set_rates({.short_read = 1});
  std::string whole;
  int reads = 0;
  for (; whole.size() < 6; ++reads) whole += read(fd, 100, whole.size());
  EXPECT_EQ(whole, "abcdef");
  EXPECT_GT(reads, 1);
}

}  // namespace
}  // namespace duplex::simulation

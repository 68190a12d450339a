// Media types.
#include "duplex/http/mime.h"

#include <gtest/gtest.h>

namespace duplex::http {
namespace {

TEST(MimeType, FollowsTheEnding) {
  EXPECT_EQ(mime_type("/index.html"), "text/html; charset=utf-8");
  EXPECT_EQ(mime_type("a.b/c.JS"), "text/javascript; charset=utf-8");
  EXPECT_EQ(mime_type("x.tar.gz"), "application/gzip");
  EXPECT_EQ(mime_type("x.svg"), "image/svg+xml");
}

TEST(MimeType, IsBytesForWhatIsNotKnown) {
  for (const char* path : {"", "html", "/a.html/b", "a.", "a.unknown", "."}) {
    EXPECT_EQ(mime_type(path), "application/octet-stream") << path;
  }
}

}  // namespace
}  // namespace duplex::http

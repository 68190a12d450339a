// Accept-Encoding, RFC 9110 section 12.5.3.
#include "duplex/http/content_coding.h"

#include <gtest/gtest.h>

namespace duplex::http {
namespace {

TEST(ContentCoding, IsAcceptedWhereItIsNamed) {
  for (const char* value :
       {"gzip", "GZip", "deflate, gzip", "gzip;q=1.0", "gzip; q=0.5", "deflate,gzip ;q=0.001, br",
        "*", "br, *;q=0.1", "*;q=0, gzip", " , gzip", "gzip;q=", "gzip;level=1"}) {
    const bool names_no_weight = value == std::string_view("gzip;q=");
    EXPECT_EQ(accepts_coding(value, "gzip"), !names_no_weight) << value;
  }
  for (const char* value : {"", "identity", "gzip;q=0", "gzip ; q=0.0", "gzip;Q=0.000, *", "x-gzip",
                            "gzipped", "br, *;q=0", ",", ";", "deflate;gzip"}) {
    EXPECT_FALSE(accepts_coding(value, "gzip")) << value;
  }
}

}  // namespace
}  // namespace duplex::http

// Close frames: RFC 6455 sections 5.5.1 and 7.4.
#include "websocket/close_payload.h"

#include <gtest/gtest.h>

#include "../support/wire.h"

namespace duplex::websocket {
namespace {

using support::close_payload;
using support::from_hex;

// The list of section 7.4 and the registry, written down once more.
bool may_be_sent(unsigned code) {
  for (const unsigned defined :
       {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 1012u, 1013u, 1014u}) {
    if (code == defined) return true;
  }
  return code >= 3000 && code <= 4999;
}

Violation judged(std::string_view payload) { return judge_close(as_bytes(payload)); }

std::string sent(CloseCode code, std::string_view reason) {
  return support::to_string(ClosePayload(code, reason).view());
}

TEST(ClosePayloadTest, JudgesEveryCode) {
  for (unsigned code = 0; code <= 65535; ++code) {
    const auto expected = may_be_sent(code) ? Violation::none : Violation::close_code_invalid;
    ASSERT_EQ(judged(close_payload(code)), expected) << code;
    ASSERT_EQ(is_sendable(static_cast<CloseCode>(code)), may_be_sent(code)) << code;
  }
}

TEST(ClosePayloadTest, IsEmptyOrHasACode) {
  EXPECT_EQ(judged(""), Violation::none);
  EXPECT_EQ(judged("\x03"), Violation::close_payload_too_short);
}

TEST(ClosePayloadTest, ReasonMustBeUtf8) {
  EXPECT_EQ(judged(close_payload(1000, "gr\xc3\xbc\xc3\x9f")), Violation::none);
  EXPECT_EQ(judged(close_payload(1000, from_hex("ff"))), Violation::close_reason_invalid_utf8);
  EXPECT_EQ(judged(close_payload(1000, from_hex("c3"))), Violation::close_reason_invalid_utf8);
}

TEST(ClosePayloadTest, ReadsTheCode) {
  EXPECT_EQ(close_code_of({}), CloseCode::no_status_received);
  EXPECT_EQ(close_code_of(as_bytes(close_payload(4999, "x"))), CloseCode{4999});
}

TEST(ClosePayloadTest, WritesCodeAndReason) {
  EXPECT_EQ(sent(CloseCode::going_away, {}), from_hex("03 e9"));
  EXPECT_EQ(sent(CloseCode{4000}, "bye"), close_payload(4000, "bye"));
  const std::string longest(123, 'x');
  EXPECT_EQ(sent(CloseCode::normal_closure, longest), close_payload(1000, longest));
}

TEST(ClosePayloadTest, WhatMayNotBeSentBecomesInternalError) {
  const std::string internal_error = close_payload(1011);
  for (const unsigned code : {0u, 999u, 1004u, 1005u, 1006u, 1015u, 2999u, 5000u, 65535u}) {
    EXPECT_EQ(sent(static_cast<CloseCode>(code), "why"), internal_error) << code;
  }
  EXPECT_EQ(sent(CloseCode::normal_closure, std::string(124, 'x')), internal_error);
  EXPECT_EQ(sent(CloseCode::normal_closure, "\xff"), internal_error);
}

}  // namespace
}  // namespace duplex::websocket

// Negotiating permessage-deflate: RFC 7692 sections 5 and 7.1, both sides.
#include "duplex/websocket/deflate_parameters.h"

#include <gtest/gtest.h>

namespace duplex::websocket {
namespace {

std::vector<ExtensionOffer> offers_in(const std::string& value) {
  const http::Field field = {"Sec-WebSocket-Extensions", value};
  auto offers = parse_extensions(http::Fields(std::span(&field, 1)));
  EXPECT_TRUE(offers) << value;
  return offers ? std::move(*offers) : std::vector<ExtensionOffer>();
}

// The answer of a server to that field, or "declined".
std::string answer_to(const std::string& value, const DeflateOptions& options) {
  const auto agreement = accept_deflate(offers_in(value), options);
  return agreement ? agreement->response : "declined";
}

// A server that agrees to all that is asked and asks nothing itself.
const DeflateOptions willing = {.context_takeover = true, .peer_context_takeover = true};

TEST(AcceptDeflate, AsksNothingItDoesNotNeed) {
  EXPECT_EQ(answer_to("permessage-deflate", willing), "permessage-deflate");
  EXPECT_EQ(answer_to("permessage-deflate; client_max_window_bits", willing), "permessage-deflate");
}

TEST(AcceptDeflate, TakesNoContextOverUnlessAskedTo) {
  EXPECT_EQ(answer_to("permessage-deflate", {}),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
}

TEST(AcceptDeflate, GrantsEachParameter) {
  EXPECT_EQ(answer_to("permessage-deflate; server_no_context_takeover", willing),
            "permessage-deflate; server_no_context_takeover");
  EXPECT_EQ(answer_to("permessage-deflate; client_no_context_takeover", willing),
            "permessage-deflate; client_no_context_takeover");
  for (int bits = 8; bits <= 15; ++bits) {
    for (const std::string name : {"server_max_window_bits=", "client_max_window_bits="}) {
      const std::string offer = "permessage-deflate; " + name + std::to_string(bits);
      EXPECT_EQ(answer_to(offer, willing), offer);
    }
  }
}

TEST(AcceptDeflate, SetsSmallerWindowsOfItsOwn) {
  const DeflateOptions small = {.context_takeover = true,
                                .peer_context_takeover = true,
                                .max_window_bits = 10,
                                .peer_max_window_bits = 9};
  EXPECT_EQ(answer_to("permessage-deflate", small), "permessage-deflate; server_max_window_bits=10")
      << "a client that does not offer client_max_window_bits cannot be bound";
  EXPECT_EQ(
      answer_to("permessage-deflate; client_max_window_bits; server_max_window_bits=12", small),
      "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9");
  EXPECT_EQ(
      answer_to("permessage-deflate; client_max_window_bits=8; server_max_window_bits=9", small),
      "permessage-deflate; server_max_window_bits=9; client_max_window_bits=8");
  EXPECT_EQ(
      answer_to("permessage-deflate; client_max_window_bits=12; server_max_window_bits=12", small),
      "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9");
}

TEST(AcceptDeflate, DeclinesWhatBreaksARule) {
  for (const std::string parameters :
       {"server_max_window_bits", "server_max_window_bits=9; server_max_window_bits=9",
        "client_max_window_bits; client_max_window_bits",
        "client_max_window_bits; client_max_window_bits=9",
        "client_max_window_bits=9; client_max_window_bits", "server_no_context_takeover=1",
        "client_no_context_takeover=1", "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover", "foo", "foo=1"}) {
    EXPECT_EQ(answer_to("permessage-deflate; " + parameters, willing), "declined") << parameters;
  }
  EXPECT_EQ(answer_to("x-webkit-deflate-frame", willing), "declined");
}

// Section 7.1.2: a decimal integer without leading zeroes, 8 to 15.
const std::vector<std::string> no_windows = {"7",   "16", "0",  "123", "08", "09",
                                             "010", "8x", "-9", "1-",  "1.", "9a"};

TEST(AcceptDeflate, DeclinesWindowsThatAreNone) {
  for (const std::string& value : no_windows) {
    EXPECT_EQ(answer_to("permessage-deflate; server_max_window_bits=" + value, willing), "declined")
        << value;
    EXPECT_EQ(answer_to("permessage-deflate; client_max_window_bits=" + value, willing), "declined")
        << value;
  }
}

TEST(AcceptDeflate, TakesTheFirstAcceptableOffer) {
  EXPECT_EQ(answer_to("permessage-deflate; server_max_window_bits=99, foo, "
                      "permessage-deflate; server_max_window_bits=\"10\", permessage-deflate",
                      willing),
            "permessage-deflate; server_max_window_bits=10");
}

TEST(AcceptDeflate, TellsTheParametersItAnswered) {
  const auto agreement = accept_deflate(
      offers_in("permessage-deflate; server_max_window_bits=9; client_no_context_takeover"),
      willing);
  ASSERT_TRUE(agreement);
  EXPECT_FALSE(agreement->parameters.server_no_context_takeover);
  EXPECT_TRUE(agreement->parameters.client_no_context_takeover);
  EXPECT_EQ(agreement->parameters.server_max_window_bits, 9);
  EXPECT_EQ(agreement->parameters.client_max_window_bits, 15);
}

TEST(DeflateOffer, SaysWhatTheClientWants) {
  EXPECT_EQ(deflate_offer(willing), "permessage-deflate; client_max_window_bits");
  EXPECT_EQ(deflate_offer({}),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
            "client_max_window_bits");
  EXPECT_EQ(deflate_offer({.context_takeover = true,
                           .peer_context_takeover = true,
                           .max_window_bits = 9,
                           .peer_max_window_bits = 10}),
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9");
}

// What a client makes of an answer: the four parameters, or "fail".
std::string judged(const std::string& value, const DeflateOptions& options) {
  const auto agreed = judge_deflate_response(offers_in(value).front(), options);
  if (!agreed) return "fail";
  return std::string(agreed->server_no_context_takeover ? "S" : "s") +
         (agreed->client_no_context_takeover ? "C" : "c") + " " +
         std::to_string(agreed->server_max_window_bits) + " " +
         std::to_string(agreed->client_max_window_bits);
}

TEST(JudgeDeflateResponse, AgreesToWhatWasOffered) {
  EXPECT_EQ(judged("permessage-deflate", willing), "sc 15 15");
  EXPECT_EQ(judged("permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
                   "server_max_window_bits=8; client_max_window_bits=9",
                   willing),
            "SC 8 9");
  EXPECT_EQ(judged("permessage-deflate; server_no_context_takeover", {}), "SC 15 15")
      << "the client keeps to its own hint";
}

TEST(JudgeDeflateResponse, FailsOnWhatWasNotOffered) {
  const DeflateOptions small = {
      .peer_context_takeover = true, .max_window_bits = 10, .peer_max_window_bits = 10};
  EXPECT_EQ(judged("permessage-deflate; server_max_window_bits=10", small), "sC 10 10");
  EXPECT_EQ(judged("permessage-deflate; server_max_window_bits=11", small), "fail");
  EXPECT_EQ(judged("permessage-deflate", small), "fail") << "a window of 32 KiB";
  EXPECT_EQ(
      judged("permessage-deflate; server_max_window_bits=9; client_max_window_bits=11", small),
      "fail");
  EXPECT_EQ(judged("permessage-deflate", {}), "fail") << "the server would take its context over";
}

TEST(JudgeDeflateResponse, FailsOnWhatBreaksARule) {
  for (const std::string parameters :
       {"server_max_window_bits", "client_max_window_bits", "server_no_context_takeover=1", "foo",
        "client_no_context_takeover; client_no_context_takeover"}) {
    EXPECT_EQ(judged("permessage-deflate; " + parameters, willing), "fail") << parameters;
  }
  for (const std::string& value : no_windows) {
    EXPECT_EQ(judged("permessage-deflate; server_max_window_bits=" + value, willing), "fail");
    EXPECT_EQ(judged("permessage-deflate; client_max_window_bits=" + value, willing), "fail");
  }
}

}  // namespace
}  // namespace duplex::websocket

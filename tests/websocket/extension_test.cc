// The place of an extension in the protocol, RFC 6455 section 9, with a toy one.
#include <gtest/gtest.h>

#include <algorithm>
#include <new>

#include "../support/allocations.h"
#include "session.h"

namespace duplex::websocket {
namespace {

using support::client_frame;
using support::server_frame;

// Turns messages round. "!" cannot be decoded; "+" becomes more than is allowed.
class Reversing final : public Extension {
 public:
  explicit Reversing(std::size_t smallest = 0) : smallest_(smallest) {}

  Violation decode(Bytes piece, bool last, std::size_t max_size, MutableBytes& message) override {
    encoded_.insert(encoded_.end(), piece.begin(), piece.end());
    if (!last) return Violation::none;
    const std::vector<std::byte> payload = std::exchange(encoded_, {});
    if (as_text(payload) == "!") return Violation::extension_data_invalid;
    if (as_text(payload) == "+") return Violation::message_too_big;
    EXPECT_LE(payload.size(), max_size);
    message = reverse(payload);
    return Violation::none;
  }
  bool encode(Bytes message, Bytes& payload) override {
    if (message.size() < smallest_) return false;
    payload = reverse(message);
    return true;
  }

 private:
  MutableBytes reverse(Bytes bytes) {
    memory_.assign(bytes.rbegin(), bytes.rend());
    return memory_;
  }

  std::size_t smallest_;
  std::vector<std::byte> encoded_;
  std::vector<std::byte> memory_;
};

class ExtensionTest : public testing::TestWithParam<bool> {
 protected:
  ExtensionTest() { session_->set_extension(std::make_unique<Reversing>(3)); }

  Session session_{Role::server, {.deliver_fragments = GetParam()}};
};

INSTANTIATE_TEST_SUITE_P(WholeAndPieces, ExtensionTest, testing::Bool());

TEST_P(ExtensionTest, DecodesMessagesMarkedWithRsv1) {
  session_.receive(client_frame(0xC1, "olleH") + client_frame(0x81, "plain"));
  EXPECT_EQ(session_.events(), (Lines{"text Hello", "text plain"}));
  EXPECT_EQ(session_->decoded_size(), 0U);  // this extension does not count
}

TEST_P(ExtensionTest, DecodesTheWholeMessage) {
  const std::string bytes = client_frame(0x42, "ol") + client_frame(0x89, "p") +
                            client_frame(0x00, "le") + client_frame(0x80, "H");
  for (std::size_t cut = 1; cut <= bytes.size(); ++cut) {
    Session session(Role::server, {.deliver_fragments = GetParam()});
    session->set_extension(std::make_unique<Reversing>());
    session.receive(bytes.substr(0, cut));
    session.receive(bytes.substr(cut));
    ASSERT_EQ(session.events(), (Lines{"ping p", "binary Hello"})) << cut;
  }
}

TEST_P(ExtensionTest, ChecksTextAfterDecoding) {
  session_.receive(client_frame(0xC1, "\xbc\xc3"));
  EXPECT_EQ(session_.events(), Lines{"text \xc3\xbc"});
  session_.receive(client_frame(0x41, "\xc3") + client_frame(0x80, "\xbc"));
  session_.expect_failed(Violation::invalid_utf8, 1007);
}

TEST_P(ExtensionTest, ItsViolationsFailTheConnection) {
  session_.receive(client_frame(0xC1, "!"));
  session_.expect_failed(Violation::extension_data_invalid, 1007);
  Session other;
  other->set_extension(std::make_unique<Reversing>());
  other.receive(client_frame(0xC2, "+"));
  other.expect_failed(Violation::message_too_big, 1009);
}

TEST_P(ExtensionTest, OwnsNothingButRsv1OfTheFirstFrame) {
  session_.receive(client_frame(0x41, "a") + client_frame(0xC0, "b"));
  session_.expect_failed(Violation::reserved_bits, 1002);
  for (const unsigned first_byte : {0xA1u, 0x91u, 0xC9u, 0xC8u}) {
    Session other;
    other->set_extension(std::make_unique<Reversing>());
    other.receive(client_frame(first_byte, ""));
    other.expect_failed(Violation::reserved_bits, 1002);
  }
}

TEST_P(ExtensionTest, EncodesWhatItWants) {
  session_->send_text("abc");
  session_->send_text("ab");
  session_->send_message(Opcode::binary, as_bytes("xyz"), Protocol::Hold::borrow);
  session_->send_ping(as_bytes("ping"));
  EXPECT_EQ(session_.sent_bytes(), server_frame(0xC1, "cba") + server_frame(0x81, "ab") +
                                       server_frame(0xC2, "zyx") + server_frame(0x89, "ping"));
}

TEST_P(ExtensionTest, IsNotAskedWhereItMayNotEncode) {
  session_->send_message(Opcode::text, as_bytes("abc"), Protocol::Hold::copy, false, false);
  EXPECT_EQ(session_.sent_bytes(), server_frame(0x81, "abc"));
}

TEST_P(ExtensionTest, BroadcastsAndFragmentsPassItBy) {
  session_->send_encoded(encode_broadcast(Opcode::text, as_bytes("abc")));
  session_->send_fragment(Opcode::text, as_bytes("abc"), true);
  EXPECT_EQ(session_.sent_bytes(), server_frame(0x81, "abc") + server_frame(0x81, "abc"));
}

// What the extension remembers of a message that was not sent would spoil the next one.
TEST_P(ExtensionTest, AMessageLostAfterEncodingEndsTheConnection) {
  const std::string text(10'000, 'x');
  session_->send_text(text);  // the extension has its memory
  session_.sent_bytes();
  {
    const support::FailingAllocation failing(0);
    EXPECT_THROW(session_->send_text(text), std::bad_alloc);
  }
  EXPECT_EQ(session_->state(), State::closed);
  EXPECT_EQ(session_->send_text("abc"), SendStatus::refused);
  EXPECT_EQ(session_.sent_bytes(), "");
}

TEST_P(ExtensionTest, LargeEncodedMessagesAreDecodedAsTheyCome) {
  const std::string payload = std::string(100'000, 'x') + "y";
  const std::string bytes = client_frame(0xC2, payload);
  session_.receive(bytes.substr(0, 50));
  EXPECT_TRUE(session_->receive_target().empty());
  session_.receive_where_wanted(bytes.substr(50));
  EXPECT_EQ(session_.events(), Lines{"binary y" + std::string(100'000, 'x')});
}

}  // namespace
}  // namespace duplex::websocket

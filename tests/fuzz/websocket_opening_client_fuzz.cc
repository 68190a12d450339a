// The client's side of the opening: any bytes as an answer are judged as section 4.1 says, in the
// words of a naive second implementation, and every byte behind the answer is left for the frames.
// Or: whatever a server is made to answer, the client reads as it was meant.
#include "openings.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using http::ResponseParser;
using websocket::HandshakeError;

const std::vector<std::string> offered = {"chat", "b"};
const std::vector<std::string_view> extension_names = {"permessage-deflate", "x"};

bool are_offered(const NaiveOffers::List& extensions) {
  std::set<std::string> names;
  for (const NaiveOffers::Offer& extension : extensions) {
    const auto found = std::find(extension_names.begin(), extension_names.end(), extension.name);
    if (found == extension_names.end() || !names.insert(extension.name).second) return false;
  }
  return true;
}

bool is_offered(std::string_view subprotocol) {
  return std::find(offered.begin(), offered.end(), subprotocol) != offered.end();
}

std::optional<HandshakeError> judge_naively(const http::Response& response) {
  const std::vector<http::Field> all(response.fields.begin(), response.fields.end());
  const http::Fields& fields = response.fields;
  if (response.status != 101) return HandshakeError::status_not_101;
  if (response.minor_version == 0) return HandshakeError::http_version_wrong;
  const auto upgrade = fields.find("Upgrade");
  const bool upgrades = upgrade && to_lower(*upgrade) == "websocket";
  if (!upgrades || fields.count("Upgrade") != 1) return HandshakeError::upgrade_wrong;
  if (!lists_among_tokens(all, "Connection", "upgrade")) return HandshakeError::connection_wrong;
  const bool accepts = fields.find("Sec-WebSocket-Accept") == sample_accept;
  if (!accepts || fields.count("Sec-WebSocket-Accept") != 1) return HandshakeError::accept_wrong;
  const auto extensions = NaiveOffers::parse(fields);
  if (!extensions) return HandshakeError::extensions_invalid;
  if (!are_offered(*extensions)) return HandshakeError::extension_not_offered;
  const auto subprotocol = fields.find("Sec-WebSocket-Protocol");
  if (!subprotocol) return std::nullopt;
  const bool agreed = is_offered(*subprotocol) && fields.count("Sec-WebSocket-Protocol") == 1;
  return agreed ? std::nullopt : std::optional(HandshakeError::subprotocol_not_offered);
}

void judge(const http::Response& response) {
  const auto agreement =
      websocket::verify_handshake(response, sample_key, offered, extension_names);
  const auto expected = judge_naively(response);
  ASSERT_EQ(!agreement, expected.has_value());
  if (!agreement) {
    EXPECT_EQ(describe(agreement.error()), describe(*expected));
    return;
  }
  EXPECT_EQ(agreement->subprotocol, response.fields.find("Sec-WebSocket-Protocol").value_or(""));
  EXPECT_EQ(copy_of(agreement->extensions), *NaiveOffers::parse(response.fields));
}

// Interim answers are passed over.
bool judge_final(const http::Response& response) {
  const bool is_final = response.status == 101 || response.status >= 200;
  if (is_final) judge(response);
  return is_final;
}

void read_answer(std::string_view bytes) {
  EXPECT_EQ(read_head<ResponseParser>(bytes, {}, judge_final),
            read_head<ResponseParser>(bytes, cut_every_byte(bytes.size()), judge_final));
}

void write_answer(Decisions& decisions) {
  const websocket::HandshakeAnswer answer{
      .accept = websocket::accept_value(sample_key),
      .subprotocol = decisions.chance() ? std::string_view(decisions.pick(offered)) : "",
      .extensions = take_extensions(decisions)};
  std::string bytes = websocket::encode_answer(answer);
  const std::string_view frames = decisions.rest();
  const auto see = [&](const http::Response& response) {
    EXPECT_EQ(response.fields.count("Sec-WebSocket-Extensions"),
              answer.extensions.empty() ? 0U : 1U);
    EXPECT_EQ(response.fields.count("Sec-WebSocket-Protocol"),
              answer.subprotocol.empty() ? 0U : 1U);
    return judge_final(response);
  };
  EXPECT_EQ(read_head<ResponseParser>(bytes.append(frames), {}, see), frames);
}

void run(std::string_view input) {
  Decisions decisions(input);
  decisions.chance() ? write_answer(decisions) : read_answer(decisions.rest());
}

const Registration registration({"websocket_opening_client", run});

}  // namespace
}  // namespace duplex::fuzz

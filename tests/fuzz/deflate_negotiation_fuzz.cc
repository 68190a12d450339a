// Any lists of extensions as offers and as answers of permessage-deflate, for any wishes of ours: a
// naive second reader of RFC 7692 section 7.1 accepts the same, no answer grants more than was
// offered, and two endpoints of ours always agree, on the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "deflate_options.h"
#include "naive_lists.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

using websocket::DeflateOptions;
using websocket::DeflateParameters;
using websocket::ExtensionOffer;

// The parameters of one offer or answer by name; "" for no value.
using Words = std::map<std::string, std::string>;

const std::string server_alone = "server_no_context_takeover";
const std::string client_alone = "client_no_context_takeover";
const std::string server_bits = "server_max_window_bits";
const std::string client_bits = "client_max_window_bits";

bool is_window(const std::string& value) {
  const std::set<std::string> windows = {"8", "9", "10", "11", "12", "13", "14", "15"};
  return windows.contains(value);
}

// Nothing when one is unknown, repeated, or has a value that it must not have.
std::optional<Words> read(const NaiveOffers::Offer& offer) {
  Words words;
  for (const auto& [name, value] : offer.parameters) {
    const bool flag = name == server_alone || name == client_alone;
    const bool window = name == server_bits || name == client_bits;
    const bool valid = (flag && !value) || (window && value && is_window(*value)) ||
                       (name == client_bits && !value);
    if (!valid || !words.emplace(name, value.value_or("")).second) return std::nullopt;
  }
  return words;
}

// 15 when nothing is said.
int window_in(const Words& words, const std::string& name) {
  const auto found = words.find(name);
  return found == words.end() || found->second.empty() ? 15 : std::stoi(found->second);
}

// An answer says everything that differs from the defaults.
void expect_said(const Words& answer, const DeflateParameters& agreed) {
  EXPECT_EQ(answer.contains(server_alone), agreed.server_no_context_takeover);
  EXPECT_EQ(answer.contains(client_alone), agreed.client_no_context_takeover);
  EXPECT_EQ(window_in(answer, server_bits), agreed.server_max_window_bits);
  EXPECT_EQ(window_in(answer, client_bits), agreed.client_max_window_bits);
}

// Sections 7.1.1 and 7.1.2, from the offer's side and from ours.
void expect_granted(const Words& offer, const Words& answer, const DeflateOptions& ours) {
  if (offer.contains(server_alone) || !ours.context_takeover) {
    EXPECT_TRUE(answer.contains(server_alone));
  }
  if (!ours.peer_context_takeover) {
    EXPECT_TRUE(answer.contains(client_alone));
  }
  if (offer.contains(server_bits)) {
    EXPECT_TRUE(answer.contains(server_bits));
  }
  EXPECT_LE(window_in(answer, server_bits),
            std::min(window_in(offer, server_bits), ours.max_window_bits));
  if (!offer.contains(client_bits)) {
    EXPECT_FALSE(answer.contains(client_bits));
    return;
  }
  EXPECT_LE(window_in(answer, client_bits),
            std::min(window_in(offer, client_bits), ours.peer_max_window_bits));
}

std::vector<ExtensionOffer> parse(std::string_view value) {
  const std::vector<http::Field> fields = {{"Sec-WebSocket-Extensions", value}};
  return websocket::parse_extensions(http::Fields(fields)).value_or(std::vector<ExtensionOffer>());
}

// The first that can be read.
std::optional<Words> choose(const NaiveOffers::List& offers) {
  for (const NaiveOffers::Offer& offer : offers) {
    if (offer.name != "permessage-deflate") continue;
    if (auto words = read(offer)) return words;
  }
  return std::nullopt;
}

void serve(const std::vector<ExtensionOffer>& offers, const DeflateOptions& ours) {
  const std::optional<Words> chosen = choose(copy_of(offers));
  const auto agreement = websocket::accept_deflate(offers, ours);
  ASSERT_EQ(agreement.has_value(), chosen.has_value());
  if (!agreement) return;
  const std::vector<ExtensionOffer> answers = parse(agreement->response);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].name, "permessage-deflate");
  const std::optional<Words> answer = read(copy_of(answers)[0]);
  ASSERT_TRUE(answer.has_value()) << agreement->response;
  expect_said(*answer, agreement->parameters);
  expect_granted(*chosen, *answer, ours);
}

// Whether a client that offered what it wants has to be content.
bool fits(const Words& answer, const DeflateOptions& ours) {
  const auto limit = answer.find(client_bits);
  if (limit != answer.end() && limit->second.empty()) return false;
  if (!ours.peer_context_takeover && !answer.contains(server_alone)) return false;
  const bool within = limit == answer.end() || std::stoi(limit->second) <= ours.max_window_bits;
  return within && window_in(answer, server_bits) <= ours.peer_max_window_bits;
}

void judge(const ExtensionOffer& response, const DeflateOptions& ours) {
  const std::optional<Words> answer = read(copy_of({response})[0]);
  const auto agreed = websocket::judge_deflate_response(response, ours);
  ASSERT_EQ(agreed.has_value(), answer && fits(*answer, ours));
  if (!agreed) return;
  EXPECT_EQ(agreed->server_no_context_takeover, answer->contains(server_alone));
  EXPECT_EQ(agreed->server_max_window_bits, window_in(*answer, server_bits));
  EXPECT_EQ(agreed->client_no_context_takeover,
            answer->contains(client_alone) || !ours.context_takeover);
  EXPECT_EQ(agreed->client_max_window_bits,
            std::min(window_in(*answer, client_bits), ours.max_window_bits));
}

void expect_agreement(const DeflateOptions& client, const DeflateOptions& server) {
  const std::string offer = websocket::deflate_offer(client);
  const auto there = websocket::accept_deflate(parse(offer), server);
  ASSERT_TRUE(there.has_value()) << offer;
  const auto here = websocket::judge_deflate_response(parse(there->response).at(0), client);
  ASSERT_TRUE(here.has_value()) << offer << " and " << there->response;
  EXPECT_EQ(here->server_no_context_takeover, there->parameters.server_no_context_takeover);
  EXPECT_EQ(here->client_no_context_takeover, there->parameters.client_no_context_takeover);
  EXPECT_EQ(here->server_max_window_bits, there->parameters.server_max_window_bits);
  EXPECT_EQ(here->client_max_window_bits, there->parameters.client_max_window_bits);
}

void run(std::string_view input) {
  Decisions decisions(input);
  const DeflateOptions server = take_deflate_options(decisions);
  const DeflateOptions client = take_deflate_options(decisions);
  expect_agreement(client, server);
  const std::vector<ExtensionOffer> offers = parse(decisions.rest());
  serve(offers, server);
  for (const ExtensionOffer& response : offers) judge(response, client);
}

const Registration registration({"deflate_negotiation", run});

}  // namespace
}  // namespace duplex::fuzz

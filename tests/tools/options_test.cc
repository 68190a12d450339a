// The argument parser: what it takes, and how it explains what it refuses.
#include "../../tools/duplex/options.h"

#include <gtest/gtest.h>

namespace duplex::tools {
namespace {

using namespace std::chrono_literals;
using Kind = ParseOutcome::Kind;

class Options : public testing::Test {
 protected:
  Options() {
    parser_.heading("Things")
        .flag("-q, --quiet", quiet_, "says less")
        .text("--host", "ADDRESS", host_, "where")
        .texts("-H, --header", "FIELD", headers_, "a field\nof many")
        .list("--arms", "A,B", arms_, "which")
        .choice("--dist", {"periodic", "poisson"}, distribution_, "gaps")
        .count("-p, --port", port_, 0, 65535, "port")
        .duration("--delay", delay_, "each way")
        .rate("--rate", rate_, "events")
        .size("--size", size_, 0, 1U << 20, "bytes");
    parser_.hidden().flag("--secret", secret_, "not for everybody");
  }

  ParseOutcome parse(std::vector<std::string_view> words) { return parser_.parse(words); }
  std::string error_of(std::vector<std::string_view> words) {
    const ParseOutcome outcome = parse(std::move(words));
    EXPECT_EQ(outcome.kind, Kind::error);
    return outcome.message;
  }

  OptionParser parser_{"duplex test", "Tests.", "  duplex test --quiet\n"};
  bool quiet_ = false;
  bool secret_ = false;
  std::string host_ = "here";
  std::vector<std::string> headers_;
  std::vector<std::string> arms_ = {"all"};
  std::string distribution_ = "periodic";
  std::uint64_t port_ = 1;
  std::chrono::nanoseconds delay_{0};
  double rate_ = 1;
  std::uint64_t size_ = 2;
};

TEST_F(Options, RemembersWhatWasGiven) {
  EXPECT_EQ(parse({"-p7", "--delay=20ms", "--port", "9", "-q"}).kind, Kind::run);
  EXPECT_EQ(parser_.given("--port"), "9");
  EXPECT_EQ(parser_.given("-p"), "9");
  EXPECT_EQ(parser_.given("--delay"), "20ms");
  EXPECT_EQ(parser_.given("--quiet"), "");
  EXPECT_EQ(parser_.given("--rate"), std::nullopt);
  EXPECT_EQ(parser_.given("--unheard-of"), std::nullopt);
}

TEST_F(Options, TakesValuesApartAndAfterAnEqualsSign) {
  EXPECT_EQ(parse({"--host", "there", "--port=9", "-q", "--delay", "20ms", "--rate=4/s", "--size",
                   "1KiB", "--dist", "poisson", "--secret"})
                .kind,
            Kind::run);
  EXPECT_EQ(host_, "there");
  EXPECT_EQ(port_, 9U);
  EXPECT_TRUE(quiet_);
  EXPECT_TRUE(secret_);
  EXPECT_EQ(delay_, 20ms);
  EXPECT_EQ(rate_, 4.0);
  EXPECT_EQ(size_, 1024U);
  EXPECT_EQ(distribution_, "poisson");
}

TEST_F(Options, LeavesDefaultsAlone) {
  EXPECT_EQ(parse({}).kind, Kind::run);
  EXPECT_EQ(host_, "here");
  EXPECT_EQ(arms_, std::vector<std::string>{"all"});
}

TEST_F(Options, GathersRepeatedValuesAndLists) {
  EXPECT_EQ(parse({"-H", "a: b", "--header=c: d", "--arms", "ws, lp,sp"}).kind, Kind::run);
  EXPECT_EQ(headers_, (std::vector<std::string>{"a: b", "c: d"}));
  EXPECT_EQ(arms_, (std::vector<std::string>{"ws", "lp", "sp"}));
}

TEST_F(Options, NamesTheValueAndTheAllowedForm) {
  EXPECT_EQ(error_of({"--delay", "20"}),
            "duplex test: --delay: '20' is not a duration of at most 1000h with its unit, such as "
            "250us, 20ms, 2s or 1m");
  EXPECT_EQ(error_of({"--port", "70000"}),
            "duplex test: --port: '70000' is not a whole number from 0 to 65535 (10k is 10000)");
  EXPECT_EQ(error_of({"--dist=even"}),
            "duplex test: --dist: 'even' is not one of periodic, poisson");
  EXPECT_EQ(
      error_of({"--rate", "0/s"}),
      "duplex test: --rate: '0/s' is not a rate from 0.001/s to 1000000/s, such as 4/s, 100hz or "
      "30/m");
  EXPECT_EQ(
      error_of({"--size", "2MiB"}),
      "duplex test: --size: '2MiB' is not a size in bytes from 0 to 1MiB, such as 512 or 64KiB");
  for (const char* const list : {",", "ws,,lp", "ws, ,lp", "ws,", ",ws", ""}) {
    EXPECT_NE(error_of({"--arms", list}).find("is not a list such as a,b,c"), std::string::npos)
        << list;
  }
}

TEST_F(Options, GuessesWhatWasMeant) {
  EXPECT_NE(error_of({"--prot", "9"}).find("did you mean '--port'?"), std::string::npos);
  EXPECT_NE(error_of({"--delai=1s"}).find("did you mean '--delay'?"), std::string::npos);
  EXPECT_NE(error_of({"--haeders"}).find("did you mean '--header'?"), std::string::npos);
  EXPECT_EQ(error_of({"--hour"}).find("did you mean"), std::string::npos) << "no '--host'";
  EXPECT_EQ(error_of({"--completely-else"}),
            "duplex test: unknown option '--completely-else'; 'duplex test --help' lists them");
  EXPECT_EQ(error_of({"--secrets"}).find("did you mean"), std::string::npos);
}

TEST_F(Options, RefusesMissingAndSuperfluousValues) {
  EXPECT_EQ(error_of({"--host"}),
            "duplex test: --host needs a value: a text of at least one letter");
  EXPECT_EQ(error_of({"--quiet=yes"}), "duplex test: --quiet takes no value");
  EXPECT_EQ(error_of({"stray"}),
            "duplex test: unexpected argument 'stray'; 'duplex test --help' shows what it takes");
}

TEST_F(Options, TakesAValueRightBehindALetter) {
  EXPECT_EQ(parse({"-p9", "-Ha: b", "-q"}).kind, Kind::run);
  EXPECT_EQ(port_, 9U);
  EXPECT_EQ(headers_, std::vector<std::string>{"a: b"});
  EXPECT_EQ(error_of({"-pnine"}),
            "duplex test: -p: 'nine' is not a whole number from 0 to 65535 (10k is 10000)");
  EXPECT_EQ(error_of({"-quiet"}), "duplex test: -q takes no value");
  EXPECT_EQ(error_of({"-z9"}), "duplex test: unknown option '-z'; 'duplex test --help' lists them");
}

// An empty one is a variable of a script that was not set: "--unix ''" is no wish for a port.
TEST_F(Options, RefusesEmptyTexts) {
  EXPECT_EQ(error_of({"--host", ""}),
            "duplex test: --host: '' is not a text of at least one letter");
  EXPECT_NE(error_of({"--header="}).find("--header: ''"), std::string::npos);
}

TEST_F(Options, TakesPositionalsAndTheEndOfOptions) {
  std::string url;
  std::string file = "none";
  parser_.positional("URL", url, false, "where to").positional("FILE", file, true, "what");
  EXPECT_EQ(error_of({}), "duplex test: URL is missing: where to");
  EXPECT_EQ(parse({"-"}).kind, Kind::run);
  EXPECT_EQ(url, "-");
  EXPECT_EQ(parse({"ws://a", "--", "--quiet"}).kind, Kind::run);
  EXPECT_EQ(url, "ws://a");
  EXPECT_EQ(file, "--quiet");
  EXPECT_FALSE(quiet_);
  EXPECT_NE(parser_.help().find("[OPTIONS] URL [FILE]"), std::string::npos);
}

TEST_F(Options, ExplainsItself) {
  EXPECT_EQ(parse({"--help"}).kind, Kind::help);
  EXPECT_EQ(parse({"-h"}).kind, Kind::help);
  const std::string help = parser_.help();
  EXPECT_TRUE(help.starts_with("Usage: duplex test [OPTIONS]\n\nTests.\n"));
  EXPECT_NE(help.find("\nThings\n"), std::string::npos);
  EXPECT_NE(help.find("  -p, --port N              port\n"), std::string::npos);
  EXPECT_NE(help.find("a field\n                            of many\n"), std::string::npos);
  EXPECT_TRUE(help.ends_with("Examples\n  duplex test --quiet\n"));
  EXPECT_EQ(help.find("--secret"), std::string::npos);
}

}  // namespace
}  // namespace duplex::tools

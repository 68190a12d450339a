// Any bytes as Server-Sent Events: a naive second reader of WHATWG HTML section 9.2.6 finds the
// same events, and the same end when one is too large, however the bytes are cut. Or: any texts as
// an event are refused, or read as they were meant.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "../codec/utf8_oracle.h"
#include "cuts.h"
#include "decisions.h"
#include "duplex/http/event_stream.h"
#include "target.h"

namespace duplex::fuzz {
namespace {

struct Read {
  std::vector<std::string> events = {};  // type, data and id, in lines
  std::string last_event_id = {};
  std::optional<std::chrono::milliseconds> retry = {};
  bool failed = false;
};

std::string one_event(std::string_view type, std::string_view data, std::string_view id) {
  return std::string(type).append("\n").append(id).append("\n").append(data);
}

// All lines of a stream, and what follows the last of them.
std::vector<std::string> split_lines(std::string_view bytes) {
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n' && i > 0 && bytes[i - 1] == '\r') continue;
    if (bytes[i] == '\r' || bytes[i] == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += bytes[i];
    }
  }
  return lines;
}

class NaiveStream {
 public:
  explicit NaiveStream(std::size_t limit) : limit_(limit) {}

  Read read(std::string_view bytes) {
    std::vector<std::string> lines = split_lines(bytes);
    bool first = true;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].size() + data_.size() > limit_) {
        result_.failed = true;
        break;
      }
      if (i + 1 == lines.size()) break;
      std::string line = lines[i];
      if (std::exchange(first, false) && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
      line.empty() ? dispatch() : take(line);
    }
    return result_;
  }

 private:
  void dispatch() {
    result_.last_event_id = id_;
    if (!data_.empty()) {
      data_.pop_back();
      result_.events.push_back(one_event(type_.empty() ? "message" : type_, data_, id_));
    }
    data_.clear();
    type_.clear();
  }

  void take(const std::string& line) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string name = line.substr(0, colon);
    std::string value = line.substr(std::min(line.size(), colon + 1));
    if (value.starts_with(' ')) value.erase(0, 1);
    if (name == "data") data_ += value + "\n";
    if (name == "event") type_ = value;
    if (name == "id" && value.find('\0') == std::string::npos) id_ = value;
    if (name == "retry") take_retry(value);
  }

  // Of at most 32 bits, which is 49 days.
  void take_retry(const std::string& value) {
    const bool decimal = value.find_first_not_of("0123456789") == std::string::npos;
    const std::size_t zeros = std::min(value.find_first_not_of('0'), value.size());
    if (value.empty() || !decimal || value.size() - zeros > 10) return;
    const unsigned long long milliseconds = std::stoull(value);
    if (milliseconds <= 0xFFFFFFFF) result_.retry = std::chrono::milliseconds(milliseconds);
  }

  std::size_t limit_;
  std::string type_;
  std::string data_;
  std::string id_;
  Read result_;
};

Read read(std::string_view bytes, const Cuts& cuts, std::size_t limit) {
  http::EventStreamReader reader(limit);
  Read result;
  feed_pieces(bytes, cuts, [&](MutableBytes piece) {
    reader.receive(piece);
    while (const auto event = reader.next_event()) {
      EXPECT_LE(event->data.size(), limit);
      result.events.push_back(one_event(event->type, event->data, event->id));
    }
  });
  result.last_event_id = reader.last_event_id();
  result.retry = reader.reconnection_time();
  result.failed = reader.failed();
  return result;
}

void expect_same(const Read& read, const Read& expected) {
  EXPECT_EQ(read.events, expected.events);
  EXPECT_EQ(read.last_event_id, expected.last_event_id);
  EXPECT_EQ(read.retry, expected.retry);
  EXPECT_EQ(read.failed, expected.failed);
}

void check_reading(Decisions& decisions) {
  constexpr std::size_t limits[] = {1U << 20, 0, 1, 10, 100};
  const std::size_t limit = decisions.pick(limits);
  const std::uint8_t seed = decisions.byte();
  const std::string_view bytes = decisions.rest();
  const Read expected = NaiveStream(limit).read(bytes);
  expect_same(read(bytes, {}, limit), expected);
  for (const Cuts& cuts : all_cuts(bytes.size(), seed)) {
    expect_same(read(bytes, cuts, limit), expected);
  }
}

bool is_one_line(std::string_view text) {
  const bool clean = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c != '\r' && c != '\n' && c != '\0'; });
  return clean && codec::judge_utf8(text).valid();
}

std::string with_line_feeds(std::string_view text) {
  std::string joined;
  for (const std::string& line : split_lines(text)) joined += line + "\n";
  joined.pop_back();
  return joined;
}

void check_writing(Decisions& decisions) {
  const bool has_data = decisions.chance();
  const bool has_id = decisions.chance();
  http::ServerSentEvent event{.event = decisions.text()};
  if (has_id) event.id = decisions.text();
  event.retry = decisions.text();
  if (has_data) event.data = decisions.rest();
  const bool retry_is_number = event.retry.find_first_not_of("0123456789") == std::string::npos;
  const bool sendable = is_one_line(event.event) && is_one_line(event.id.value_or("")) &&
                        retry_is_number && codec::judge_utf8(event.data.value_or("")).valid();
  std::string bytes = "before";
  ASSERT_EQ(http::append_event(bytes, event), sendable);
  ASSERT_TRUE(bytes.starts_with("before"));
  bytes.erase(0, 6);
  if (!sendable) {
    EXPECT_TRUE(bytes.empty());
    return;
  }
  const Read result = read(bytes, {}, std::size_t{1} << 20);
  EXPECT_EQ(result.last_event_id, event.id.value_or(""));
  EXPECT_EQ(result.events.size(), has_data ? 1U : 0U);
  if (!has_data || result.events.empty()) return;
  const std::string_view type = event.event.empty() ? "message" : event.event;
  EXPECT_EQ(result.events[0], one_event(type, with_line_feeds(*event.data), event.id.value_or("")));
}

void run(std::string_view input) {
  Decisions decisions(input);
  decisions.chance() ? check_writing(decisions) : check_reading(decisions);
}

const Registration registration({"event_stream", run});

}  // namespace
}  // namespace duplex::fuzz

// The time stamps of HTTP: RFC 9110 section 5.6.7.
#include "duplex/http/date.h"

#include <algorithm>

#include "http/character.h"

namespace duplex::http {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year;
using std::chrono::year_month_day;
using std::chrono::years;

constexpr std::array<std::string_view, 7> day_names = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void append_number(std::string& out, unsigned value, int digits) {
  out.resize(out.size() + static_cast<std::size_t>(digits));
  for (auto place = out.rbegin(); place != out.rbegin() + digits; ++place) {
    *place = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

// What the text says, before anybody asks whether such a time exists.
struct Parts {
  unsigned weekday = 0;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
};

// Reads text from the front; once something was wrong nothing matches any more.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : text_(text) {}

  void literal(std::string_view expected) noexcept {
    if (!text_.starts_with(expected)) return reject();
    text_.remove_prefix(expected.size());
  }

  unsigned number(std::size_t digit_count) noexcept {
    unsigned value = 0;
    for (std::size_t i = 0; i < digit_count; ++i) {
      if (i >= text_.size() || !is_digit(text_[i])) return reject(), 0;
      value = value * 10 + static_cast<unsigned>(text_[i] - '0');
    }
    text_.remove_prefix(digit_count);
    return value;
  }

  // The index of the name that the text begins with, in its first `size` characters (0: all).
  template <std::size_t n>
  unsigned name(const std::array<std::string_view, n>& names, std::size_t size) noexcept {
    for (unsigned i = 0; i < n; ++i) {
      const std::string_view wanted = names[i].substr(0, size == 0 ? names[i].size() : size);
      if (text_.starts_with(wanted)) return literal(wanted), i;
    }
    return reject(), 0;
  }

  bool at(std::size_t index, char c) const noexcept {
    return index < text_.size() && text_[index] == c;
  }
  bool has_comma() const noexcept { return text_.find(',') != std::string_view::npos; }
  bool finished() const noexcept { return valid_ && text_.empty(); }

 private:
  void reject() noexcept {
    valid_ = false;
    text_ = {};
  }

  std::string_view text_;
  bool valid_ = true;
};

void read_time(Reader& in, Parts& parts) noexcept {
  parts.hour = in.number(2);
  in.literal(":");
  parts.minute = in.number(2);
  in.literal(":");
  parts.second = in.number(2);
}

// Sun, 06 Nov 1994 08:49:37 GMT
void read_fixdate(Reader& in, Parts& parts) noexcept {
  parts.weekday = in.name(day_names, 3);
  in.literal(", ");
  parts.day = in.number(2);
  in.literal(" ");
  parts.month = in.name(month_names, 3);
  in.literal(" ");
  parts.year = static_cast<int>(in.number(4));
  in.literal(" ");
  read_time(in, parts);
  in.literal(" GMT");
}

// Sunday, 06-Nov-94 08:49:37 GMT
void read_rfc850(Reader& in, Parts& parts, int this_year) noexcept {
  parts.weekday = in.name(day_names, 0);
  in.literal(", ");
  parts.day = in.number(2);
  in.literal("-");
  parts.month = in.name(month_names, 3);
  in.literal("-");
  parts.year = this_year - this_year % 100 + static_cast<int>(in.number(2));
  in.literal(" ");
  read_time(in, parts);
  in.literal(" GMT");
}

// Sun Nov  6 08:49:37 1994
void read_asctime(Reader& in, Parts& parts) noexcept {
  parts.weekday = in.name(day_names, 3);
  in.literal(" ");
  parts.month = in.name(month_names, 3);
  in.literal(" ");
  const bool one_digit = in.at(0, ' ');
  if (one_digit) in.literal(" ");
  parts.day = in.number(one_digit ? 1 : 2);
  in.literal(" ");
  read_time(in, parts);
  in.literal(" ");
  parts.year = static_cast<int>(in.number(4));
}

year_month_day date_of(const Parts& parts) noexcept {
  return {year(parts.year), month(parts.month + 1), day(parts.day)};
}

Seconds instant_of(const Parts& parts) noexcept {
  return sys_days(date_of(parts)) + hours(parts.hour) + minutes(parts.minute) +
         seconds(parts.second);
}

std::optional<Seconds> to_time(const Parts& parts) noexcept {
  const year_month_day date = date_of(parts);
  // Second 60 is a leap second, which system time folds into the next minute.
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  if (weekday(sys_days(date)).c_encoding() != parts.weekday) return std::nullopt;
  return instant_of(parts);
}

int year_of(Seconds time) noexcept {
  return static_cast<int>(year_month_day(std::chrono::floor<days>(time)).year());
}

// A time stamp more than 50 years ahead is one of the past, section 5.6.7.
void settle_century(Parts& parts, Seconds now) noexcept {
  const sys_days today = std::chrono::floor<days>(now);
  const sys_days that_day = year_month_day(today) + years(50);
  if (instant_of(parts) > that_day + (now - today)) parts.year -= 100;
}

}  // namespace

std::string http_date(Seconds time) {
  const sys_days date = std::chrono::floor<days>(time);
  const year_month_day ymd(date);
  const auto second = static_cast<unsigned>((time - date).count());
  std::string out(day_names[weekday(date).c_encoding()].substr(0, 3));
  out.reserve(29);
  out += ", ";
  append_number(out, static_cast<unsigned>(ymd.day()), 2);
  out += ' ';
  out += month_names[static_cast<unsigned>(ymd.month()) - 1];
  out += ' ';
  append_number(out, static_cast<unsigned>(static_cast<int>(ymd.year())), 4);
  out += ' ';
  append_number(out, second / 3600, 2);
  out += ':';
  append_number(out, second / 60 % 60, 2);
  out += ':';
  append_number(out, second % 60, 2);
  return out += " GMT";
}

std::optional<Seconds> parse_http_date(std::string_view text, Seconds now) noexcept {
  Reader in(text);
  Parts parts;
  if (in.at(3, ',')) {
    read_fixdate(in, parts);
  } else if (in.has_comma()) {
    read_rfc850(in, parts, year_of(now));
    settle_century(parts, now);
  } else {
    read_asctime(in, parts);
  }
  return in.finished() ? to_time(parts) : std::nullopt;
}

}  // namespace duplex::http

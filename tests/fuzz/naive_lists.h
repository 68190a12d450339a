// Second, naive readers of the lists in an opening handshake: RFC 6455 sections 4.1 and 9.1.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "duplex/websocket/handshake.h"
#include "naive_http.h"

namespace duplex::fuzz {

inline bool is_naive_token(std::string_view text) {
  const auto belongs = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), belongs);
}

// As lists(), if there is nothing else in the list but tokens, some with a version.
inline bool lists_among_tokens(const std::vector<http::Field>& fields, std::string_view name,
                               std::string_view element) {
  for (const std::string& each : list_of(fields, std::string(name))) {
    const std::size_t slash = each.find('/');
    const bool is_token = is_naive_token(each.substr(0, slash));
    const bool has_version = slash != std::string::npos && is_naive_token(each.substr(slash + 1));
    if (!each.empty() && !(is_token && (slash == std::string::npos || has_version))) return false;
  }
  return lists(fields, name, element);
}

// 1#token, all different, at most 64 in all fields.
inline std::optional<std::vector<std::string>> naive_subprotocols(const http::Fields& fields) {
  std::vector<std::string> names;
  for (const http::Field& field : fields) {
    if (to_lower(field.name) != "sec-websocket-protocol") continue;
    std::string list = std::string(field.value) + ",";
    for (std::string_view rest = list; !rest.empty();) {
      names.emplace_back(strip_spaces(cut_off(rest, ",")));
      if (!is_naive_token(names.back())) return std::nullopt;
    }
  }
  const bool all_differ = std::set<std::string>(names.begin(), names.end()).size() == names.size();
  if (!all_differ || names.size() > websocket::max_offered_subprotocols) return std::nullopt;
  return names;
}

// The words of one list of extensions: tokens, what quoted strings mean, and ',', ';' and '='.
struct Word {
  char kind = 't';  // 't': token, 'q': quoted string, else the character itself
  std::string text = {};
};

inline std::optional<std::vector<Word>> split_words(std::string_view text) {
  std::vector<Word> words;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == ' ' || c == '\t') {
      ++i;
    } else if (c == ',' || c == ';' || c == '=') {
      words.push_back({.kind = c});
      ++i;
    } else if (c == '"') {
      words.push_back({.kind = 'q'});
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && ++i == text.size()) return std::nullopt;
        words.back().text += text[i];
      }
      if (i++ >= text.size()) return std::nullopt;
    } else {
      words.push_back({});
      while (i < text.size() && is_naive_token(text.substr(i, 1))) words.back().text += text[i++];
      if (words.back().text.empty()) return std::nullopt;
    }
  }
  return words;
}

// Section 9.1, word by word. A comma at the end of the words stands for the end of the list.
class NaiveOffers {
 public:
  struct Parameter {
    std::string name;
    std::optional<std::string> value;
    friend bool operator==(const Parameter&, const Parameter&) = default;
  };
  struct Offer {
    std::string name;
    std::vector<Parameter> parameters;
    friend bool operator==(const Offer&, const Offer&) = default;
  };
  using List = std::vector<Offer>;

  static std::optional<List> parse(const http::Fields& fields) {
    NaiveOffers offers;
    for (const http::Field& field : fields) {
      if (to_lower(field.name) != "sec-websocket-extensions") continue;
      if (!offers.add_all(field.value)) return std::nullopt;
    }
    return offers.offers_;
  }

 private:
  bool add_all(std::string_view value) {
    const auto words = split_words(value);
    if (!words) return false;
    words_ = *words;
    words_.push_back({.kind = ','});
    for (at_ = 0; at_ < words_.size();) {
      if (!add_one()) return false;
    }
    return true;
  }

  char kind() const { return words_[at_].kind; }

  bool add_one() {
    if (kind() != 't' || offers_.size() == websocket::max_offered_extensions) return false;
    offers_.push_back({words_[at_++].text, {}});
    while (kind() == ';') {
      if (words_[++at_].kind != 't' || !add_parameter()) return false;
    }
    return words_[at_++].kind == ',';
  }

  bool add_parameter() {
    auto& parameters = offers_.back().parameters;
    if (parameters.size() == websocket::max_extension_parameters) return false;
    parameters.push_back({words_[at_++].text, {}});
    if (kind() != '=') return true;
    const Word& value = words_[++at_];
    ++at_;
    parameters.back().value = value.text;
    return (value.kind == 't' || value.kind == 'q') && is_naive_token(value.text);
  }

  std::vector<Word> words_;
  std::size_t at_ = 0;
  List offers_;
};

// The library's list in the same form.
inline NaiveOffers::List copy_of(const std::vector<websocket::ExtensionOffer>& offers) {
  NaiveOffers::List list;
  for (const websocket::ExtensionOffer& offer : offers) {
    list.push_back({std::string(offer.name), {}});
    for (const websocket::ExtensionParameter& parameter : offer.parameters) {
      list.back().parameters.push_back({std::string(parameter.name), parameter.value});
    }
  }
  return list;
}

}  // namespace duplex::fuzz

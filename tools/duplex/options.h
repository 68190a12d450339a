// A small argument parser: it writes into the caller's variables, explains what it refuses, and
// prints the help. Pure: no I/O, no exit.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace duplex::tools {

struct ParseOutcome {
  enum class Kind : std::uint8_t { run, help, error };
  Kind kind = Kind::run;
  std::string message = {};  // of an error: what was given, and the form that is allowed
};

// Options are "--name VALUE" or "--name=VALUE", with a one-letter form ("-n VALUE", "-nVALUE")
// where one was declared; "--" ends them. Targets must outlive parse(). Thread: none of its own.
class OptionParser {
 public:
  // `command` as typed ("duplex serve"); `summary` and `examples` are printed by --help.
  OptionParser(std::string command, std::string summary, std::string examples);

  // Starts a group of options in the help.
  OptionParser& heading(std::string title);
  // `names`: "--port" or "-p, --port". Help may span several lines.
  OptionParser& flag(std::string_view names, bool& target, std::string help);
  OptionParser& text(std::string_view names, std::string value_name, std::string& target,
                     std::string help);
  OptionParser& texts(std::string_view names, std::string value_name,
                      std::vector<std::string>& target, std::string help);
  OptionParser& list(std::string_view names, std::string value_name,
                     std::vector<std::string>& target, std::string help);  // "a,b,c"
  OptionParser& choice(std::string_view names, std::vector<std::string> allowed,
                       std::string& target, std::string help);
  OptionParser& count(std::string_view names, std::uint64_t& target, std::uint64_t min,
                      std::uint64_t max, std::string help);
  OptionParser& duration(std::string_view names, std::chrono::nanoseconds& target,
                         std::string help);
  OptionParser& rate(std::string_view names, double& target, std::string help);
  OptionParser& size(std::string_view names, std::uint64_t& target, std::uint64_t min,
                     std::uint64_t max, std::string help);
  // A word without a dash. Required unless `optional`.
  OptionParser& positional(std::string value_name, std::string& target, bool optional,
                           std::string help);
  // All words without a dash, at least one. Nothing positional may come behind it.
  OptionParser& positionals(std::string value_name, std::vector<std::string>& target,
                            std::string help);
  // Options declared while hidden are taken but not listed.
  OptionParser& hidden(bool hide = true);

  ParseOutcome parse(std::span<const std::string_view> arguments);
  // The value that parse() took last for that option, whichever of its names it had; nothing when
  // it was not among the arguments.
  std::optional<std::string> given(std::string_view name) const;
  std::string help() const;

 private:
  struct Option {
    std::string names = {};
    std::string value_name = {};  // empty: a flag
    std::string expects = {};     // "a duration such as 20ms"
    std::string help = {};
    bool hidden = false;
    bool is_heading = false;
    std::function<bool(std::string_view)> take = {};  // false: not of the expected form
  };
  struct Positional {
    std::string value_name = {};
    std::string help = {};
    bool optional = false;
    std::string* target = nullptr;
    std::vector<std::string>* list = nullptr;  // takes the rest
  };

  OptionParser& add(Option option);
  const Option* find(std::string_view name) const noexcept;
  ParseOutcome unknown(std::string_view name) const;
  ParseOutcome take_option(std::span<const std::string_view> arguments, std::size_t& index);
  ParseOutcome take_positional(std::string_view word, std::size_t& count) const;
  ParseOutcome refuse(std::string message) const;

  std::string command_;
  std::string summary_;
  std::string examples_;
  std::vector<Option> options_;
  std::vector<Positional> positionals_;
  std::map<std::string, std::string> given_;  // by the option's names
  bool hiding_ = false;
};

// What must not be said together, or not like that.
struct OptionRule {
  bool broken;
  std::string why;
};

// Why the first broken one is a rule; empty when none is broken.
std::string first_broken(std::initializer_list<OptionRule> rules);

}  // namespace duplex::tools

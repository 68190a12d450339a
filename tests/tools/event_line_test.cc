// Lines of `duplex connect --socketio`.
#include "../../tools/duplex/connect/event_line.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace duplex::tools {
namespace {

using Manner = EmitEvent::Manner;

// The event as JSON, with the size of bytes; a refusal begins with '!'.
std::string event(std::string_view line, Manner manner = Manner::plainly) {
  const EventCommand command = read_event_line(line);
  if (const auto* const refusal = std::get_if<Refusal>(&command)) return '!' + refusal->why;
  const auto* const emit = std::get_if<EmitEvent>(&command);
  if (emit == nullptr || emit->manner != manner) return "another command";
  return codec::write_json(Json(emit->values), [](std::string& text, Bytes bytes) {
    text += '<' + std::to_string(bytes.size()) + '>';
  });
}

template <class T>
T command(std::string_view line) {
  const EventCommand read = read_event_line(line);
  EXPECT_TRUE(std::holds_alternative<T>(read)) << line;
  return std::holds_alternative<T>(read) ? std::get<T>(read) : T();
}

TEST(EventLine, IsANameAndValues) {
  EXPECT_EQ(event("move"), R"(["move"])");
  EXPECT_EQ(event("  move   3  left "), R"(["move",3,"left"])");
  EXPECT_EQ(event(R"(chat red "two words" {"a": [1, "}"]} [] null -0.5 "3")"),
            R"(["chat","red","two words",{"a":[1,"}"]},[],null,-0.5,"3"])");
  EXPECT_EQ(event(R"("kick me" true)"), R"(["kick me",true])");
  EXPECT_EQ(event(R"("42" 42)"), R"(["42",42])");
  EXPECT_EQ(event("a 01 1e 0x1"), R"(["a","01","1e","0x1"])");
  EXPECT_EQ(event("grüße ä"), R"(["grüße","ä"])");
  EXPECT_EQ(event(R"(say "a \"quoted\" \\")"), R"(["say","a \"quoted\" \\"])");
}

TEST(EventLine, MayBeOneArray) {
  EXPECT_EQ(event(R"( ["move", 3, {"a": 1}] )"), R"(["move",3,{"a":1}])");
  EXPECT_EQ(event(R"(["move"] 3)"), "!not sent: something stands behind the array");
  EXPECT_EQ(event("[]"), "!an event begins with its name, which is a text: move 3");
  EXPECT_EQ(event("[3]"), "!an event begins with its name, which is a text: move 3");
}

TEST(EventLine, SaysWhatIsWrong) {
  EXPECT_EQ(event(""), "!an event begins with its name, which is a text: move 3");
  EXPECT_TRUE(event("move {a}").starts_with("!not sent: '{a}' is not JSON: "));
  EXPECT_TRUE(event("move [1").starts_with("!not sent: '[1' is not JSON: "));
  EXPECT_TRUE(event(R"(move "open)").starts_with(R"(!not sent: '"open' is not JSON: )"));
  EXPECT_TRUE(event(R"(move {"a":1}x)").starts_with(R"(!not sent: '{"a":1}x' is not JSON: )"));
  EXPECT_TRUE(event(R"("a" "b)").starts_with("!not sent: '"));
  EXPECT_EQ(event("connect"), "!not sent: the name 'connect' is the protocol's own");
  EXPECT_EQ(event("a \xff"), "!not sent: the line is not UTF-8");
  EXPECT_EQ(event("/shout a"),
            "!'/shout' is no command (see /help); '//shout' is the event of that name");
}

// What is other JSON is a slip of who meant values.
TEST(EventLine, HasANameThatIsAText) {
  for (const std::string name : {R"({"hello": 1})", "3", "true", "null", "-0.5"}) {
    const std::string refusal =
        "!not sent: '" + name + "' is no name, which is a text: \"3\" 4 if it looks otherwise";
    EXPECT_EQ(event(name), refusal);
    EXPECT_EQ(event(name + " 4"), refusal);
    EXPECT_EQ(event("/ack " + name, Manner::asking), refusal);
    EXPECT_EQ(event("/binary " + name + " 00"), refusal);
  }
  EXPECT_EQ(event("3x 4"), R"(["3x",4])");
}

TEST(EventLine, MayAskOrBeDropped) {
  EXPECT_EQ(event("/ack sum 1 2", Manner::asking), R"(["sum",1,2])");
  EXPECT_EQ(event("/volatile position 1", Manner::droppably), R"(["position",1])");
  EXPECT_EQ(event("//ack sum"), R"(["/ack","sum"])");
  EXPECT_EQ(event("/ack"), "!an event begins with its name, which is a text: move 3");
}

TEST(EventLine, HasBytes) {
  EXPECT_EQ(event("/binary photo 01abff  00"), R"(["photo",<3>,<1>])");
  EXPECT_EQ(event("/binary photo"), R"(["photo"])");
  EXPECT_EQ(event("/binary photo 1"), "!'1' is not hexadecimal: /binary photo 01abff 0203");
  EXPECT_EQ(event("/binary"), "!an event begins with its name, which is a text: move 3");
}

TEST(EventLine, NamesNamespaces) {
  EXPECT_EQ(command<JoinNamespace>("/join /a").nsp, "/a");
  EXPECT_EQ(command<JoinNamespace>("/join a").nsp, "/a");
  EXPECT_FALSE(command<JoinNamespace>("/join /").auth.has_value());
  const auto join = command<JoinNamespace>(R"(/join /a {"token": "t"})");
  EXPECT_EQ(codec::write_json(*join.auth), R"({"token":"t"})");
  EXPECT_EQ(event("/join /a 3"), R"(!'3' is no object: {"token": "abc"})");
  EXPECT_TRUE(event("/join").starts_with("!/join needs a namespace"));
  EXPECT_EQ(command<LeaveNamespace>("/leave").nsp, "");
  EXPECT_EQ(command<LeaveNamespace>("/leave a").nsp, "/a");
  EXPECT_EQ(command<ChooseNamespace>("/nsp").nsp, "");
  EXPECT_EQ(command<ChooseNamespace>("/nsp /a").nsp, "/a");
}

TEST(EventLine, SaysWhatIsToldAndAnswered) {
  EXPECT_EQ(codec::write_json(command<SetAuth>(R"(/auth {"n": 1})").auth), R"({"n":1})");
  EXPECT_TRUE(command<SetAuth>("/auth").auth.is_null());
  EXPECT_TRUE(event("/auth {").starts_with("!'{' is not JSON: "));
  EXPECT_EQ(codec::write_json(Json(command<SetAnswer>("/answer 1 yes").values)), R"([1,"yes"])");
  EXPECT_TRUE(command<SetAnswer>("/answer").values.empty());
  EXPECT_TRUE(event("/answer {").starts_with("!/answer: '{' is not JSON: "));
  command<EndEvents>("/close");
  command<ShowHelp>("/help");
}

TEST(EventLine, KnowsItsCommands) {
  EXPECT_EQ(complete_event_command("/a"),
            (std::vector<std::string_view>{"/ack", "/auth", "/answer"}));
  for (const std::string& line : event_command_help()) EXPECT_LE(line.size(), 96U) << line;
  EXPECT_EQ(event_command_help().size(), complete_event_command("/").size() + 1);
}

}  // namespace
}  // namespace duplex::tools

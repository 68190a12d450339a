// A client and a subscriber of Redis, driven by lines: what comes in is done, what happens is said.
// Words are percent-encoded. Ends with its stdin.
//
//   interop_redis URL
//   command WORD...                       answer REPLY, refused WHY, lost WHY, full
//   transaction WORD... ; WORD...         the same
//   subscribe NAME (psubscribe, ssubscribe)   subscribed NAME, message NAME CHANNEL BYTES
//   unsubscribe NAME (punsubscribe, sunsubscribe)
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "../support/resp.h"
#include "duplex/http/target.h"
#include "duplex/net/event_loop.h"
#include "duplex/redis/client.h"
#include "duplex/redis/subscriber.h"

namespace duplex::interop {
namespace {

using Words = std::vector<std::string>;

void say(const std::string& what, const std::string& text = {}) {
  // What is long is known by its size.
  const std::string shown = text.size() <= 1000 ? text : std::to_string(text.size()) + " bytes";
  std::printf("%s %s\n", what.c_str(), http::percent_encode(shown).c_str());
  std::fflush(stdout);
}

redis::ConnectionHandlers tell(const std::string& who) {
  return {.on_connect = [who] { say(who + " connected"); },
          .on_disconnect =
              [who](const redis::Error& error) { say(who + " disconnected", error.message); }};
}

void tell_reply(const redis::Reply& reply) {
  if (reply) return say("answer", support::resp_text(*reply));
  say(reply.error().refused ? "refused" : "lost", reply.error().message);
}

redis::SubscriptionHandlers tell_messages(const std::string& name) {
  return {.on_message =
              [name](std::string_view channel, Bytes message) {
                say("message " + name + " " + std::string(channel), std::string(as_text(message)));
              },
          .on_subscribed = [name] { say("subscribed " + name); },
          .on_refused =
              [name](const redis::Error& error) { say("not subscribed " + name, error.message); }};
}

Words words_of(const std::string& line) {
  std::istringstream stream(line);
  Words words;
  for (std::string word; stream >> word;) words.push_back(*http::percent_decode(word));
  return words;
}

// What stands between the semicolons.
std::vector<redis::Command> commands_of(const Words& words) {
  std::vector<redis::Command> commands(1);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == ";") {
      commands.emplace_back();
    } else {
      commands.back().push_back(words[i]);
    }
  }
  return commands;
}

class Talk {
 public:
  Talk(net::EventLoop& loop, const std::string& url)
      : client_(loop, url, tell("client")), subscriber_(loop, url, tell("subscriber")) {}

  void on_line(const std::string& line) {
    const Words words = words_of(line);
    if (words.size() < 2) return say("what?", line);
    const std::string& deed = words[0];
    if (deed == "command") return answered(client_.command(commands_of(words)[0], tell_reply));
    if (deed == "transaction") return answered(client_.transaction(commands_of(words), tell_reply));
    const std::string& name = words[1];
    if (deed == "subscribe") return answered(subscriber_.subscribe(name, tell_messages(name)));
    if (deed == "psubscribe") return answered(subscriber_.psubscribe(name, tell_messages(name)));
    if (deed == "ssubscribe") return answered(subscriber_.ssubscribe(name, tell_messages(name)));
    if (deed == "unsubscribe") return subscriber_.unsubscribe(name);
    if (deed == "punsubscribe") return subscriber_.punsubscribe(name);
    if (deed == "sunsubscribe") return subscriber_.sunsubscribe(name);
    say("what?", line);
  }

 private:
  static void answered(bool taken) {
    if (!taken) say("full");
  }

  redis::Client client_;
  redis::Subscriber subscriber_;
};

}  // namespace
}  // namespace duplex::interop

int main(int argc, char** argv) {
  if (argc != 2) return EXIT_FAILURE;
  duplex::net::EventLoop loop;
  duplex::interop::Talk talk(loop, argv[1]);
  const std::jthread reader([&] {
    for (std::string line; std::getline(std::cin, line);) {
      loop.post([&talk, line] { talk.on_line(line); });
    }
    loop.stop();
  });
  loop.run();
}

// What happens in the scenes of R57 to R59, and how one sees that it worked.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "../support/wire.h"
#include "failing_scene.h"

namespace duplex::conformance {

using support::client_frame;
using support::opening_request;
using support::server_frame;

struct Script {
  std::string_view name;
  int connections = 0;  // opened before anything fails
  void (*act)(Scene&) = nullptr;
  bool (*worked)(const Scene&) = nullptr;
  const websocket::DeflateOptions* deflate = nullptr;  // what the connections offer
};

// Compresses well.
inline constexpr std::string_view verse =
    "a rose is a rose is a rose is a rose is a rose is a rose is a rose is a rose is a rose";
inline bool got_verse(const Scene& scene) { return scene.got() == verse; }
inline bool got_three_verses(const Scene& scene) {
  return scene.got().size() == 3 * verse.size() && scene.got().starts_with(verse);
}

inline constexpr std::array message_scripts = {
    Script{"opening", 0, [](Scene& s) { s.connect(); },
           [](const Scene& s) { return s.opened() == 1; }},
    Script{"message", 1, [](Scene& s) { s.send("message"); },
           [](const Scene& s) { return s.got() == "message"; }},
    Script{"fragments", 1, [](Scene& s) { s.send_in_fragments("fragments"); },
           [](const Scene& s) { return s.got() == "fragments"; }},
    Script{"broadcast", 3, [](Scene& s) { s.broadcast("all"); },
           [](const Scene& s) { return s.got() == "allallall"; }},
    Script{"publish", 3, [](Scene& s) { s.publish("new"); },
           [](const Scene& s) { return s.got() == "newnewnew"; }},
    Script{"ping", 1, [](Scene& s) { s.ping(); }, [](const Scene& s) { return s.pongs() == 2; }},
    Script{"pause, a slow reader, on_drain", 1, [](Scene& s) { s.flood(); },
           [](const Scene& s) { return s.got().size() == Scene::flood_size && s.drained() == 1; }},
    Script{"compressed opening", 0, [](Scene& s) { s.connect(&with_context); },
           [](const Scene& s) { return s.opened() == 1; }},
    Script{"deflate", 1, [](Scene& s) { s.send(verse); }, got_verse, &without_context},
    Script{"deflate with context", 1, [](Scene& s) { s.send(verse); }, got_verse, &with_context},
    Script{"compressed broadcast", 3, [](Scene& s) { s.broadcast(verse); }, got_three_verses,
           &without_context},
    Script{"compressed broadcast with context", 3, [](Scene& s) { s.broadcast(verse); },
           got_three_verses, &with_context}};

inline constexpr std::array answer_scripts = {
    Script{"accept", 0, [](Scene& s) { s.ask(); },
           [](const Scene& s) { return s.got() == "hello"; }},
    Script{"file", 0, [](Scene& s) { s.ask("/files/file"); },
           [](const Scene& s) { return s.got() == "file"; }},
    Script{"range of a file", 0,
           [](Scene& s) {
             s.ask("/files/file", {}, {{"Range", "bytes=1-2"}});
           },
           [](const Scene& s) { return s.got() == "il"; }},
    Script{"file not modified", 0,
           [](Scene& s) {
             s.ask("/files/file", {}, {{"If-None-Match", "*"}});
           },
           [](const Scene& s) { return s.status() == 304; }},
    Script{"nothing there", 0, [](Scene& s) { s.ask("/nothing"); },
           [](const Scene& s) { return s.status() == 404; }},
    Script{"post", 0, [](Scene& s) { s.ask("/post", "body"); },
           [](const Scene& s) { return s.got() == "body"; }},
    Script{"body too large", 0, [](Scene& s) { s.ask("/post", std::string(200, 'x')); },
           [](const Scene& s) { return s.status() == 413; }},
    Script{"chunked body", 0,
           [](Scene& s) {
             s.stranger().speak(Scene::port, {"POST /post HTTP/1.1\r\nHost: a\r\n"
                                              "Transfer-Encoding: chunked\r\n\r\n2\r\nbo",
                                              "\r\n2\r\ndy\r\n0\r\n\r\n"});
           },
           [](const Scene& s) { return s.heard("body"); }},
    Script{"body that waits for 100", 0,
           [](Scene& s) {
             s.stranger().speak(Scene::port, {"POST /post HTTP/1.1\r\nHost: a\r\nExpect: "
                                              "100-continue\r\nContent-Length: 4\r\n\r\n",
                                              "body"});
           },
           [](const Scene& s) { return s.heard("100 Continue") && s.heard("body"); }},
    Script{"two requests at once", 0,
           [](Scene& s) {
             s.stranger().speak(Scene::port, {"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
                                              "GET /client HTTP/1.1\r\nHost: a\r\n\r\n"});
           },
           [](const Scene& s) { return s.heard("hello") && s.heard("127.0.0.1"); }},
    Script{"stream", 0, [](Scene& s) { s.ask("/stream"); },
           [](const Scene& s) { return s.got() == "one two"; }},
    Script{"events", 0, [](Scene& s) { s.listen_to_events(); },
           [](const Scene& s) { return s.got() == "onetwo"; }},
    Script{"long poll", 0, [](Scene& s) { s.ask("/poll"); },
           [](const Scene& s) { return s.got() == "later"; }},
    Script{"request no longer wanted", 0,
           [](Scene& s) {
             s.ask("/never");
             s.cancel();
           },
           [](const Scene& s) { return s.gone() == 1; }},
    Script{"handler that throws", 0, [](Scene& s) { s.ask("/throw"); },
           [](const Scene& s) { return s.status() == 500; }}};

inline constexpr std::array proxy_scripts = {
    Script{"PROXY header", 0,
           [](Scene& s) {
             s.stranger().speak(Scene::proxied_port, {"PROXY TCP4 192.0.2.1 127.0.0.1 4000 81\r\n",
                                                      "GET /client HTTP/1.1\r\nHost: a\r\n\r\n"});
           },
           [](const Scene& s) { return s.heard("192.0.2.1:4000"); }},
    Script{"PROXY header of version 2", 0,
           [](Scene& s) {
             const std::string header = support::from_hex(
                 "0d0a0d0a000d0a515549540a 21 11 000c c0000202 7f000001 0fa0 0051");
             s.stranger().speak(Scene::proxied_port,
                                {header, "GET /client HTTP/1.1\r\nHost: a\r\n\r\n"});
           },
           [](const Scene& s) { return s.heard("192.0.2.2:4000"); }},
    Script{"X-Forwarded-For", 0,
           [](Scene& s) {
             s.ask("/client", {}, {{"X-Forwarded-For", "192.0.2.3"}});
           },
           [](const Scene& s) { return s.got() == "192.0.2.3:0"; }}};

inline constexpr std::array refusal_scripts = {
    Script{"origin that is not welcome", 0,
           [](Scene& s) { s.connect(nullptr, "ws://127.0.0.1:80/guarded", "http://there"); },
           [](const Scene& s) { return s.status() == 403; }},
    Script{"no WebSocket there", 0,
           [](Scene& s) { s.connect(nullptr, "ws://127.0.0.1:80/nothing"); },
           [](const Scene& s) { return s.status() == 404; }},
    Script{"version that is not spoken", 0,
           [](Scene& s) {
             s.stranger().speak(Scene::port, {"GET /echo HTTP/1.1\r\nHost: a\r\nUpgrade: "
                                              "websocket\r\nConnection: Upgrade\r\n"
                                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                              "Sec-WebSocket-Version: 8\r\n\r\n"});
           },
           [](const Scene& s) { return s.heard(" 426 "); }},
    Script{"connection refused", 0, [](Scene& s) { s.connect(nullptr, "ws://127.0.0.1:9/"); },
           [](const Scene& s) { return s.failed() == 1; }},
    Script{
        "frame that is not masked", 0,
        [](Scene& s) {
          s.stranger().speak(Scene::port, {opening_request("/impatient"), server_frame(0x81, "x")});
        },
        [](const Scene& s) { return s.heard("\x03\xEA") && s.gone() == 1; }}};

inline constexpr std::array time_scripts = {
    Script{"timer", 0, [](Scene& s) { s.count_down(); },
           [](const Scene& s) { return s.ticks() == 6; }},
    Script{"post to a loop", 0, [](Scene& s) { s.post(); },
           [](const Scene& s) { return s.ticks() == 2; }},
    Script{"head time-out", 0, [](Scene& s) { s.stranger().speak(Scene::port, {"GET / HTT"}); },
           [](const Scene& s) { return s.heard(" 408 "); }},
    Script{"body time-out", 0,
           [](Scene& s) {
             s.stranger().speak(Scene::port, {"POST /post HTTP/1.1\r\nHost: a\r\n"
                                              "Content-Length: 4\r\n\r\nbo"});
           },
           [](const Scene& s) { return s.heard(" 408 "); }},
    Script{"keep-alive time-out", 0,
           [](Scene& s) {
             s.stranger().speak(Scene::port, {"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"});
           },
           [](const Scene& s) { return s.heard("hello") && s.left_alone(); }},
    Script{"ping time-out", 0,
           [](Scene& s) { s.stranger().speak(Scene::port, {opening_request("/impatient")}); },
           [](const Scene& s) { return s.heard("\x89") && s.gone() == 1; }},
    Script{"message time-out", 0,
           [](Scene& s) {
             s.stranger().speak(Scene::port, {opening_request("/impatient"), "\x81\x85"});
           },
           [](const Scene& s) { return s.left_alone() && s.gone() == 1; }},
    Script{"close time-out", 0,
           [](Scene& s) {
             s.stranger().speak(Scene::port,
                                {opening_request("/impatient"), client_frame(0x81, "bye")});
           },
           [](const Scene& s) { return s.heard("\x88") && s.gone() == 1; }},
    Script{"close time-out of the client", 1,
           [](Scene& s) {
             s.send("pause");
             s.close(milliseconds(20));
           },
           [](const Scene& s) { return s.closed() == 1; }},
    Script{"opening time-out", 0,
           [](Scene& s) {
             s.stranger().listen(Scene::silent_port);
             s.connect(nullptr, "ws://127.0.0.1:90/");
           },
           [](const Scene& s) { return s.failed() == 1; }},
    Script{"answer that never comes", 0, [](Scene& s) { s.ask("/never"); },
           [](const Scene& s) { return s.gone() == 1; }}};

inline constexpr std::array end_scripts = {
    Script{"close", 1, [](Scene& s) { s.close(); }, [](const Scene& s) { return s.closed() == 1; }},
    Script{"close by the server", 1,
           [](Scene& s) { s.each_of_server([](Connection& peer) { peer.close(); }); },
           [](const Scene& s) { return s.closed() == 1; }},
    Script{"abort", 1, [](Scene& s) { s.each([](Connection& peer) { peer.abort(); }); },
           [](const Scene& s) { return s.closed() == 1; }},
    Script{"abort by the server", 1,
           [](Scene& s) { s.each_of_server([](Connection& peer) { peer.abort(); }); },
           [](const Scene& s) { return s.closed() == 1; }},
    Script{"message whose handler throws", 1, [](Scene& s) { s.send("throw"); },
           [](const Scene& s) { return s.closed() == 1; }},
    Script{"reset by the peer", 0,
           [](Scene& s) {
             s.stranger().speak(Scene::port, {opening_request("/impatient")});
             s.stranger().reset();
           },
           [](const Scene& s) { return s.gone() == 1; }},
    Script{"end of the peer's half", 0,
           [](Scene& s) {
             s.stranger().speak(Scene::port, {"GET /poll HTTP/1.1\r\nHost: a\r\n\r\n"});
             s.stranger().end();
           },
           [](const Scene& s) { return s.heard("later"); }},
    Script{"stop", 1, [](Scene& s) { s.stop(); },
           [](const Scene& s) { return s.closed() == 1 && s.stopped(); }},
    Script{"stop while an answer is due", 0,
           [](Scene& s) {
             s.ask("/poll");
             s.stop(milliseconds(10));
           },
           [](const Scene& s) { return s.got() == "later" && s.stopped(); }},
    Script{"stop that drops who does not end", 0,
           [](Scene& s) {
             s.ask("/never");
             s.stop(milliseconds(10));
           },
           [](const Scene& s) { return s.gone() == 1 && s.stopped(); }}};

// `visit` is called with each of them, until it says false.
template <class Visit>
void for_each_script(Visit&& visit) {
  const auto all = [&](const auto&... scripts) {
    const auto each = [&](const auto& some) {
      for (const Script& script : some) {
        if (!visit(script)) return false;
      }
      return true;
    };
    return (each(scripts) && ...);
  };
  all(message_scripts, answer_scripts, proxy_scripts, refusal_scripts, time_scripts, end_scripts);
}

inline void prepare(Scene& scene, const Script& script) {
  for (int i = 0; i < script.connections; ++i) scene.connect(script.deflate);
  scene.run_for(milliseconds(20));
  ASSERT_EQ(scene.opened(), script.connections);
}

// The loops live, and a clean attempt works.
inline void expect_recovery(Scene& scene) {
  scene.set_right();
  const int before = scene.opened();
  scene.connect();
  scene.run_for(milliseconds(200));
  EXPECT_EQ(scene.opened(), before + 1);
  scene.forget_got();
  scene.broadcast("news");
  scene.run_for(milliseconds(100));
  EXPECT_EQ(scene.got().size(), 4U * static_cast<std::size_t>(scene.open()));
  scene.send("again");
  scene.run_for(milliseconds(100));
  EXPECT_TRUE(scene.got().ends_with("again"));
  scene.forget_got();
  scene.ask();
  scene.run_for(milliseconds(100));
  EXPECT_EQ(scene.got(), "hello");
  scene.run_for(std::chrono::seconds(70));  // longer than any deadline of a request
  scene.expect_all_answered();
  scene.expect_clean_end();
}

}  // namespace duplex::conformance

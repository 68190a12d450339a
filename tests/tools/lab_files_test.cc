// The files of the lab page, as they are within the program.
#include "../../tools/duplex/lab/lab_files.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "../../tools/duplex/lab/lab.h"
#include "../../tools/duplex/lab/microscope.h"
#include "../support/simulated.h"

namespace duplex::tools::lab {
namespace {

using namespace std::chrono_literals;

std::set<std::string_view> names() {
  std::set<std::string_view> found;
  for (const LabFile& file : lab_files()) found.insert(file.name);
  return found;
}

TEST(LabFiles, AreSmall) {
  std::size_t size = 0;
  for (const LabFile& file : lab_files()) size += file.text.size();
  EXPECT_GT(size, 10'000U);
  EXPECT_LE(size, 150'000U);
}

TEST(LabFiles, HaveATypeEach) {
  EXPECT_EQ(media_type("index.html"), "text/html; charset=utf-8");
  EXPECT_EQ(media_type("lab.css"), "text/css; charset=utf-8");
  EXPECT_EQ(media_type("main.js"), "text/javascript; charset=utf-8");
  for (const auto name : names()) EXPECT_TRUE(media_type(name).starts_with("text/")) << name;
}

// What stands between the marks, each time.
std::set<std::string> all_between(std::string_view text, std::string_view begin, char end) {
  std::set<std::string> found;
  while (true) {
    const std::size_t at = text.find(begin);
    if (at == std::string_view::npos) return found;
    text.remove_prefix(at + begin.size());
    found.emplace(text.substr(0, text.find(end)));
  }
}

TEST(LabFiles, NameOnlyEachOther) {
  const auto there = names();
  ASSERT_TRUE(there.contains("index.html"));
  for (const LabFile& file : lab_files()) {
    for (const auto& name : all_between(file.text, "from './", '\'')) {
      EXPECT_TRUE(there.contains(name)) << file.name << ": " << name;
    }
    for (const auto& address : all_between(file.text, "src=\"", '"')) {
      EXPECT_TRUE(address.starts_with("/lab/") && there.contains(address.substr(5))) << address;
    }
    // Nothing comes from elsewhere; the name of SVG is no address.
    for (const auto& address : all_between(file.text, "http://", '\'')) {
      EXPECT_EQ(address, "www.w3.org/2000/svg") << file.name;
    }
    EXPECT_EQ(file.text.find("https://"), std::string_view::npos) << file.name;
  }
}

TEST(LabFiles, AreServedWithWhatProtectsThePage) {
  support::SimulatedServer world;
  Lab lab(world.server_side.loop, *world.server, {});
  lab.add_routes();
  for (const std::string path : {"/", "/lab/main.js", "/lab/race_worker.js"}) {
    support::RawPeer peer(world);
    peer.send("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    peer.read_for(1s);
    const std::string& answer = peer.received();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << path;
    for (const std::string field :
         {"Cross-Origin-Opener-Policy: same-origin", "Cross-Origin-Embedder-Policy: require-corp",
          "Content-Security-Policy: default-src 'none'; script-src 'self'",
          "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer"}) {
      EXPECT_NE(answer.find("\r\n" + field), std::string::npos) << path << ": " << field;
    }
  }
}

TEST(LabMicroscope, TakesSoMuchAndNoMore) {
  support::SimulatedServer world;
  Lab lab(world.server_side.loop, *world.server, {});
  lab.add_routes();
  HttpClient http(world.client_side.loop);
  const auto post = [&](std::size_t size) {
    int status = 0;
    http.request({.method = "POST",
                  .url = "http://127.0.0.1/lab/microscope",
                  .body = std::string(size, '\x8a')},
                 {.on_done = [&](int code, std::string_view) { status = code; }});
    world.runner.run_until([&] { return status != 0; }, std::chrono::seconds(60));
    return status;
  };
  EXPECT_EQ(post(max_microscope_size), 200);
  EXPECT_EQ(post(max_microscope_size + 1), 413);
}

}  // namespace
}  // namespace duplex::tools::lab

// Socket.IO's client for browsers, from a folder.
#include <system_error>

#include "../endpoint/answers.h"
#include "../support/socket_world.h"
#include "duplex/events/socket_server.h"

namespace duplex::events {
namespace {

using std::chrono::milliseconds;
using support::RawPeer;
using support::SocketWorld;

class ClientFilesTest : public SocketWorld {
 protected:
  void serve_files(const std::string& folder) {
    SocketServerOptions options;
    options.client_files = folder;
    serve(std::move(options));
  }
  Answer ask(const std::string& path, const std::string& fields = {},
             const std::string& method = "GET") {
    RawPeer peer(world_);
    peer.send(method + " " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
    peer.run_for(milliseconds(20));
    return parse_answers(peer.received(), method == "HEAD").at(0);
  }
};

TEST_F(ClientFilesTest, AreAnswered) {
  for (const char* kind : {"", ".min", ".esm.min", ".msgpack.min"}) {
    const std::string name = std::string("/dist/socket.io") + kind + ".js";
    world_.world.files().add(name, "code" + std::string(kind));
    world_.world.files().add(name + ".map", "map" + std::string(kind));
  }
  serve_files("/dist");
  for (const std::string kind : {"", ".min", ".esm.min", ".msgpack.min"}) {
    const Answer code = ask("/socket.io/socket.io" + kind + ".js");
    EXPECT_EQ(code.status, 200);
    EXPECT_EQ(code.body, "code" + kind);
    EXPECT_TRUE(code.has("Content-Type: text/javascript; charset=utf-8")) << code.head;
    const Answer map = ask("/socket.io/socket.io" + kind + ".js.map");
    EXPECT_EQ(map.body, "map" + kind);
    EXPECT_TRUE(map.has("Content-Type: application/json")) << map.head;
  }
}

TEST_F(ClientFilesTest, AreNotSentAgain) {
  world_.world.files().add("/dist/socket.io.js", "code");
  serve_files("/dist");
  const std::string etag = ask("/socket.io/socket.io.js").field("ETag");
  ASSERT_NE(etag, "");
  const Answer again = ask("/socket.io/socket.io.js", "If-None-Match: " + etag + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(ask("/socket.io/socket.io.js", {}, "HEAD").field("ETag"), etag);
  world_.world.files().add("/dist/socket.io.js", "other", 1);
  EXPECT_EQ(ask("/socket.io/socket.io.js", "If-None-Match: " + etag + "\r\n").body, "other");
}

TEST_F(ClientFilesTest, AreAllThatIsAnswered) {
  for (const char* name : {"package.json", "socket.io.js", "socket.io.dev.js", "xsocket.io.js",
                           "socket.io.jsx", "socket.io", "socket.io.min", "deep/socket.io.js"}) {
    world_.world.files().add(std::string("/dist/") + name, "content");
  }
  world_.world.files().add("/secret/socket.io.js", "secret");
  serve_files("/dist");
  for (const char* path :
       {"package.json", "socket.io.dev.js", "xsocket.io.js", "socket.io.jsx", "socket.io",
        "socket.io.min", "deep/socket.io.js", "deep%2Fsocket.io.js", "..%2Fsecret%2Fsocket.io.js",
        "socket.io.min.js", "socket.io.js.map", "socket.io.js.map.map", "socket.io.js%00"}) {
    const int status = ask(std::string("/socket.io/") + path).status;
    EXPECT_TRUE(status == 404 || status == 400) << path << " " << status;
  }
  EXPECT_EQ(ask("/socket.io/socket.io%2Ejs").status, 200);
  EXPECT_EQ(ask("/socket.io/?EIO=4&transport=polling").body.substr(0, 2), "0{");
}

TEST_F(ClientFilesTest, AreAFolder) {
  EXPECT_THROW(serve_files("/none"), std::system_error);
  serve();
  EXPECT_EQ(ask("/socket.io/socket.io.js").status, 404);
}

}  // namespace
}  // namespace duplex::events

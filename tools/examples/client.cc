// A client that says hello, prints what comes back, and closes.
//   ./client ws://127.0.0.1:9001/echo
#include <duplex/duplex.h>

#include <cstdio>

int main(int argc, char** argv) {
  const char* url = argc > 1 ? argv[1] : "ws://127.0.0.1:9001/echo";
  int status = 1;
  duplex::EventLoop loop;
  duplex::Client client(loop);
  client.connect(
      url, {.websocket = {
                .on_open = [](duplex::Connection& peer, const auto&) { peer.send_text("hello"); },
                .on_message =
                    [](duplex::Connection& peer, duplex::Message message) {
                      std::printf("%.*s\n", static_cast<int>(message.payload.size()),
                                  message.text().data());
                      peer.close();
                    },
                .on_close =
                    [&](duplex::Connection&, const duplex::CloseEvent& event) {
                      status = event.code == duplex::CloseCode::normal_closure ? 0 : 1;
                      loop.stop();
                    }},
            .on_failure = [&](const duplex::OpeningFailure& failure) {
              std::fprintf(stderr, "%s\n", failure.message.c_str());
              loop.stop();
            }});
  loop.run();
  return status;
}

// The lab page of one thread of `duplex serve`.
#include "lab.h"

#include <array>
#include <string>
#include <vector>

#include "lab_files.h"
#include "microscope.h"

namespace duplex::tools::lab {
namespace {

// The first two give the page a process of its own, and its clock steps of 5 µs instead of 100:
// HTML section 7.1.3, HR-TIME section 7. It loads nothing from elsewhere, and nobody may frame it.
constexpr std::array<http::Field, 7> page_fields = {{
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Embedder-Policy", "require-corp"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
     "worker-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
     "frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cache-Control", "no-cache"},
}};

}  // namespace

void Lab::add_routes() {
  add_files();
  socket_.add_route();
  races_.add_routes();
  chat_.add_route();
  add_microscope();
}

void Lab::add_microscope() {
  server_.post("/lab/microscope", [](Exchange& exchange) {
    const Bytes body = exchange.body();
    if (body.size() > max_microscope_size) {
      exchange.respond(413, "text/plain; charset=utf-8",
                       std::to_string(body.size()) + " bytes; at most " +
                           std::to_string(max_microscope_size) + " are looked at\n");
      return;
    }
    std::vector<std::byte> bytes(body.begin(), body.end());
    exchange.respond(200, "application/json", examine(bytes), {{"Cache-Control", "no-store"}});
  });
}

void Lab::add_files() {
  for (const LabFile& file : lab_files()) {
    const auto answer = [&file](Exchange& exchange) {
      exchange.respond(200, media_type(file.name), file.text, page_fields);
    };
    server_.get(file.name == "index.html" ? "/" : "/lab/" + std::string(file.name), answer);
  }
}

}  // namespace duplex::tools::lab

// What a browser gets at / of `duplex serve`: the paths there are.
#pragma once

#include <string_view>

namespace duplex::tools {

inline constexpr std::string_view index_page = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>duplex serve</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44em;margin:2em auto;padding:0 1em}
td{padding:.2em 1.5em .2em 0;vertical-align:top}code{white-space:nowrap}</style>
<h1>duplex serve</h1>
<p>One stream of events, four ways to get it:
<table>
<tr><td><code>ws /feed/ws</code><td>WebSocket: each event is a message
<tr><td><a href="/feed/sse"><code>GET /feed/sse</code></a><td>Server-Sent Events
<tr><td><a href="/feed/lp"><code>GET /feed/lp</code></a><td>long polling: the answer waits for the
next event
<tr><td><a href="/feed/sp"><code>GET /feed/sp</code></a><td>short polling: the answer is at once,
with or without events
</table>
<p>Every event is a line <code>ID T_GEN T_EMIT PADDING</code>; times are nanoseconds of the server's
monotonic clock. Add <code>?after=ID</code> to go on where you left.
<p>And beside it:
<table>
<tr><td><code>ws /</code>, <code>ws /echo</code><td>WebSocket echo, text and binary
<tr><td><code>POST /echo</code><td>the body back, over HTTP
<tr><td><a href="/time"><code>GET /time</code></a><td>the clocks
<tr><td><a href="/client"><code>GET /client</code></a>, <code>ws</code><td>your address
<tr><td><a href="/metrics"><code>GET /metrics</code></a><td>counters, as Prometheus reads them
</table>
</html>
)";

}  // namespace duplex::tools

// Everything a user needs, under one name: duplex. Beside it there is duplex/cluster/redis.h, for
// servers on many machines.
#pragma once

#include "duplex/endpoint/client.h"
#include "duplex/endpoint/connection.h"
#include "duplex/endpoint/exchange.h"
#include "duplex/endpoint/http_client.h"
#include "duplex/endpoint/server.h"
#include "duplex/events/engine_client.h"
#include "duplex/events/engine_server.h"
#include "duplex/events/loop_group.h"
#include "duplex/events/session_loops.h"
#include "duplex/events/socket_client.h"
#include "duplex/events/socket_server.h"
#include "duplex/net/event_loop.h"
#include "duplex/version.h"
#include "duplex/websocket/protocol.h"

namespace duplex {

using endpoint::binary_message;
using endpoint::Client;
using endpoint::ClientHandlers;
using endpoint::ClientOptions;
using endpoint::CloseEvent;
using endpoint::Connection;
using endpoint::ConnectionId;
using endpoint::ConnectOptions;
using endpoint::Entrance;
using endpoint::EventSource;
using endpoint::Exchange;
using endpoint::ExchangeId;
using endpoint::HeaderField;
using endpoint::HttpClient;
using endpoint::HttpClientOptions;
using endpoint::HttpFailure;
using endpoint::HttpRequest;
using endpoint::HttpResponseHandlers;
using endpoint::Message;
using endpoint::OpeningAnswer;
using endpoint::OpeningFailure;
using endpoint::PeerRequest;
using endpoint::RequestId;
using endpoint::Server;
using endpoint::ServerOptions;
using endpoint::SseEvent;
using endpoint::SseHandlers;
using endpoint::text_message;
using endpoint::WebSocketHandlers;
using endpoint::WebSocketOptions;
using net::EventLoop;
using net::TimerId;
using websocket::CloseCode;
using websocket::Opcode;
using websocket::SendStatus;

}  // namespace duplex

// Socket.IO: duplex::socketio::Server io(server); duplex::socketio::Client client(loop, url);
namespace duplex::socketio {

using events::Adapter;
using events::AdapterFactory;
using events::ClientDisconnect;
using events::ClientDisconnectReason;
using events::ClientEmitter;
using events::ClientSocket;
using events::ClientSocketOptions;
using events::ConnectError;
using events::ConnectionHandler;
using events::CookieOptions;
using events::CorsOptions;
using events::describe;
using events::Disconnect;
using events::DisconnectReason;
using events::Emitter;
using events::EventFilter;
using events::FetchedSockets;
using events::Handshake;
using events::LoopGroup;
using events::Middleware;
using events::Namespace;
using events::Next;
using events::Refusal;
using events::RoomEvent;
using events::RoomHandler;
using events::SessionLoops;
using events::Socket;
using events::Transport;
using Client = events::SocketClient;
using ClientOptions = events::SocketClientOptions;
using Server = events::SocketServer;
using ServerOptions = events::SocketServerOptions;

}  // namespace duplex::socketio

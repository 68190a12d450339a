// The figures of a conversation as -w prints them. Pure.
#pragma once

#include "conversation.h"
#include "socket_tap.h"
#include "write_out.h"

namespace duplex::tools {

struct FigureSources {
  const ConversationFigures& conversation;
  const SocketTap::Figures& socket;
  const measure::Histogram& replies;
  std::string_view url;
  std::chrono::nanoseconds total;
  ExitCode exit;
};

Figures figures_of(const FigureSources& sources);

}  // namespace duplex::tools

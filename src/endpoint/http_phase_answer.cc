// The answers of an HTTP connection: whole, from a file, or as a stream; RFC 9110, RFC 9112.
#include <algorithm>
#include <cassert>
#include <utility>

#include "base/later.h"
#include "endpoint/http_phase.h"

namespace duplex::endpoint {
namespace {

constexpr std::size_t file_piece = std::size_t{64} << 10;  // bytes read at a time

// The data of one framed chunk: what stands between its size line and its last CRLF.
std::string_view without_framing(std::string_view chunk) noexcept {
  constexpr std::size_t crlf = 2;
  const std::size_t begin = chunk.find('\n') + 1;
  return begin + crlf > chunk.size() ? std::string_view{}
                                     : chunk.substr(begin, chunk.size() - crlf - begin);
}

bool is_event_stream(std::string_view content_type) noexcept {
  constexpr std::string_view type = "text/event-stream";
  const std::string_view rest = content_type.substr(std::min(type.size(), content_type.size()));
  return http::iequals(content_type.substr(0, type.size()), type) &&
         (rest.empty() || rest.starts_with(';') || rest.starts_with(' '));
}

// nginx and its kind hold back what they pass on unless they are told; the application may have.
std::vector<http::Field> unbuffered(std::span<const http::Field> fields) {
  std::vector<http::Field> all(fields.begin(), fields.end());
  if (http::Fields(fields).count("X-Accel-Buffering") == 0) {
    all.push_back({"X-Accel-Buffering", "no"});
  }
  return all;
}

}  // namespace

bool HttpPhase::answer(int status, std::string_view content_type, std::string_view body,
                       std::span<const http::Field> fields) {
  if (state_ != State::pending || peer_.is_dead()) return false;
  // RFC 9110 section 8.6: 1xx and 204 carry no Content-Length, 304 need not.
  const bool bodiless = status < 200 || status == 204 || status == 304;
  const auto header = bodiless ? http::BodyHeader::none : http::BodyHeader::content_length;
  const bool sendable = write_head(status, content_type, fields, header, body.size());
  if (!sendable) {
    const bool written = write_head(500, {}, {}, http::BodyHeader::content_length, 0);
    assert(written);
    static_cast<void>(written);
  }
  if (sendable && !bodiless && !is_head_method_) peer_.stream().queue().append(as_bytes(body));
  end_answer();
  return sendable;
}

void HttpPhase::refuse(int status, std::string_view text, std::span<const http::Field> fields) {
  std::string body(text);
  body += '\n';
  close_with_answer(status, "text/plain", body, fields);
}

// Answers what the peer did wrong, then closes: what follows may not be what it seems to be.
void HttpPhase::close_with_answer(int status, std::string_view content_type, std::string_view body,
                                  std::span<const http::Field> fields) {
  if (state_ == State::head) is_head_method_ = false;  // that was the request before
  state_ = State::pending;
  keep_alive_ = false;
  answer(status, content_type, body, fields);
}

void HttpPhase::answer_with_file(int status, std::string_view content_type,
                                 std::span<const http::Field> fields, net::Descriptor file,
                                 std::uint64_t offset, std::uint64_t length) {
  write_head(status, content_type, fields, http::BodyHeader::content_length, length);
  if (is_head_method_ || length == 0) return end_answer();
  file_ = std::make_unique<FileSource>(FileSource{std::move(file), offset, length});
  state_ = State::sending_file;
  send_more_of_file();
}

// One piece at a time, whenever the queue has drained: a large file costs no memory.
void HttpPhase::send_more_of_file() {
  SendQueue& queue = peer_.stream().queue();
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(file_->left, file_piece));
  ByteBuffer piece;
  const MutableBytes target = piece.grow(size);
  const auto result = server_.reactor().kernel().pread(file_->file.fd(), target, file_->offset);
  // The length has been announced: a file that became shorter leaves nothing to do but to break.
  if (result <= 0) return peer_.drop();
  const auto read = static_cast<std::size_t>(result);
  queue.append(target.first(read));
  file_->offset += read;
  file_->left -= read;
  peer_.stream().request_flush();
  if (file_->left != 0) return peer_.stream().notify_when_drained();
  file_.reset();
  end_answer();
}

bool HttpPhase::start_stream_answer(int status, std::string_view content_type,
                                    std::span<const http::Field> fields) {
  if (state_ != State::pending || peer_.is_dead()) return false;
  chunked_ = minor_version_ >= 1;
  if (!chunked_) keep_alive_ = false;
  const auto header = chunked_ ? http::BodyHeader::chunked : http::BodyHeader::none;
  const bool has_events = is_event_stream(content_type);
  const auto all = has_events ? unbuffered(fields) : std::vector<http::Field>();
  if (has_events) fields = all;
  if (!write_head(status, content_type, fields, header, 0)) {
    answer(500, {}, {}, {});
    return false;
  }
  state_ = State::streaming;
  if (is_head_method_) return finish_stream();
  if (has_events) {
    boundary_ = {};
    set_deadline(server_.options().http.event_stream_heartbeat);
  }
  peer_.stream().request_flush();
  if (peer_ended_ || hang_up_seen_) peer_.drop();
  return true;
}

SendStatus HttpPhase::write_piece(std::string_view piece) {
  if (!may_write()) return SendStatus::refused;
  SendQueue& queue = peer_.stream().queue();
  if (chunked_) {
    http::append_chunk(queue, as_bytes(piece));
  } else {
    queue.append(as_bytes(piece));
  }
  note_written(piece);
  return written();
}

SendStatus HttpPhase::write_chunk(const SharedBytes& chunk) {
  if (!may_write()) return SendStatus::refused;
  if (!chunked_) return write_piece(without_framing(as_text(*chunk)));
  peer_.stream().queue().append(chunk);
  note_written(without_framing(as_text(*chunk)));
  return written();
}

// Puts the heartbeat off, if there is one.
void HttpPhase::note_written(std::string_view data) {
  if (deadline_ == net::Clock::time_point::max()) return;
  boundary_.pass(data);
  deadline_ = later(peer_.now(), server_.options().http.event_stream_heartbeat);
}

bool HttpPhase::may_write() const noexcept {
  return state_ == State::streaming && !peer_.is_dead() &&
         peer_.stream().queue().size() <= server_.options().websocket.send_limit;
}

SendStatus HttpPhase::written() {
  peer_.stream().request_flush();
  if (!output_is_full()) return SendStatus::ok;
  told_to_wait_ = true;
  peer_.stream().notify_when_drained();
  return SendStatus::congested;
}

bool HttpPhase::finish_stream() {
  if (state_ != State::streaming || peer_.is_dead()) return false;
  if (chunked_ && !is_head_method_) http::append_last_chunk(peer_.stream().queue());
  end_answer();
  return true;
}

bool HttpPhase::write_head(int status, std::string_view content_type,
                           std::span<const http::Field> fields, http::BodyHeader body,
                           std::uint64_t content_length) {
  const std::string_view persistent = minor_version_ == 0 ? "keep-alive" : "";
  return http::append_response_head(peer_.stream().queue(),
                                    {.status = status,
                                     .date = server_.date(),
                                     .connection = keep_alive_ ? persistent : "close",
                                     .content_type = content_type,
                                     .fields = fields,
                                     .body = body,
                                     .content_length = content_length});
}

void HttpPhase::end_answer() {
  on_gone_ = nullptr;
  on_end_ = nullptr;
  on_drain_ = nullptr;
  peer_.stream().request_flush();
  if (!keep_alive_ || peer_ended_) return end_connection();
  state_ = State::head;
  set_deadline(server_.options().http.idle_timeout);
  // Requests that came meanwhile wait in the backlog.
  if (peer_.stream().has_backlog()) peer_.stream().resume_soon();
}

}  // namespace duplex::endpoint

// Gathers one message head out of reads of any size: RFC 9112 section 2.1.
#pragma once

#include <cstddef>
#include <vector>

#include "duplex/base/bytes.h"
#include "duplex/http/head_scanner.h"

namespace duplex::http {

// A head that comes in one piece is never copied: the views point into the input. Otherwise the
// bytes are kept here and the views point here. StartLine is RequestLine or StatusLine.
template <class StartLine>
class HeadReader {
 public:
  // Takes what belongs to the head from the front of `input`. An unfinished head is kept, so that
  // the memory behind `input` is free again after the call.
  HttpError read(MutableBytes& input, const ParserLimits& limits);

  bool started() const noexcept { return size_ != 0; }
  bool complete() const noexcept { return field_scanner_.complete(); }

  // Points `message` at the start-line and the fields.
  template <class Message>
  void fill(Message& message) const noexcept {
    start_line_.fill(message, bytes_);
    message.fields = Fields(fields_);
  }

  void keep();              // copies the bytes of the head, if they are not here yet
  void reset() noexcept;    // begins the next head; keeps the memory for its fields
  void release() noexcept;  // the same, but owns no heap memory afterwards

 private:
  HttpError scan(Cursor& in, const ParserLimits& limits);
  void hold(Bytes piece);
  void rebind(const char* bytes) noexcept;

  const char* bytes_ = nullptr;  // where the head begins: in the input or in kept_
  std::size_t size_ = 0;         // bytes scanned
  StartLine start_line_ = {};
  FieldScanner field_scanner_ = {};
  std::vector<Field> fields_ = {};
  std::vector<char> kept_ = {};
};

extern template class HeadReader<RequestLine>;
extern template class HeadReader<StatusLine>;

}  // namespace duplex::http

// Gathers one message head out of reads of any size: RFC 9112 section 2.1.
#include "duplex/http/head_reader.h"

#include <algorithm>
#include <utility>

namespace duplex::http {
namespace {

constexpr std::size_t smallest_buffer = 512;   // bytes
constexpr std::size_t usual_field_count = 16;  // what a browser sends

}  // namespace

template <class StartLine>
HttpError HeadReader<StartLine>::read(MutableBytes& input, const ParserLimits& limits) {
  const Bytes piece = input.first(std::min(input.size(), limits.max_head_size - size_));
  if (started()) {
    hold(piece);
  } else {
    bytes_ = as_text(piece).data();
    fields_.reserve(usual_field_count);
  }
  Cursor in{.bytes = bytes_, .at = size_, .end = size_ + piece.size()};
  const HttpError error = scan(in, limits);
  input = input.subspan(in.at - size_);
  size_ = in.at;
  if (error != HttpError::none || complete()) return error;
  if (size_ == limits.max_head_size) return HttpError::head_too_large;
  keep();
  return HttpError::none;
}

template <class StartLine>
HttpError HeadReader<StartLine>::scan(Cursor& in, const ParserLimits& limits) {
  if (!start_line_.complete()) {
    const HttpError error = start_line_.scan(in, limits);
    if (error != HttpError::none) return error;
  }
  return field_scanner_.scan(in, limits, &fields_);
}

template <class StartLine>
void HeadReader<StartLine>::keep() {
  if (kept_.empty()) hold(as_bytes({bytes_, size_}));
}

// Grows by doubling, so that a head that comes byte by byte costs linear time.
template <class StartLine>
void HeadReader<StartLine>::hold(Bytes piece) {
  const std::size_t needed = kept_.size() + piece.size();
  const std::string_view text = as_text(piece);
  if (needed > kept_.capacity()) {
    std::vector<char> larger;
    larger.reserve(std::max({needed, 2 * kept_.size(), smallest_buffer}));
    larger.assign(kept_.begin(), kept_.end());
    rebind(larger.data());
    kept_ = std::move(larger);
  }
  kept_.insert(kept_.end(), text.begin(), text.end());
}

template <class StartLine>
void HeadReader<StartLine>::rebind(const char* bytes) noexcept {
  for (Field& field : fields_) {
    field.name = {bytes + (field.name.data() - bytes_), field.name.size()};
    field.value = {bytes + (field.value.data() - bytes_), field.value.size()};
  }
  bytes_ = bytes;
}

template <class StartLine>
void HeadReader<StartLine>::reset() noexcept {
  bytes_ = nullptr;
  size_ = 0;
  start_line_ = {};
  field_scanner_ = {};
  fields_.clear();
  kept_ = std::vector<char>();  // `= {}` would keep its memory
}

template <class StartLine>
void HeadReader<StartLine>::release() noexcept {
  reset();
  fields_ = std::vector<Field>();
}

template class HeadReader<RequestLine>;
template class HeadReader<StatusLine>;

}  // namespace duplex::http

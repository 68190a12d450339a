// For the inner loops of DEFLATE: what must become a part of the loop that calls it, when the
// compiler optimises at all.
#pragma once

#ifdef __OPTIMIZE__
#define DUPLEX_ALWAYS_INLINE [[gnu::always_inline]] inline
#else
#define DUPLEX_ALWAYS_INLINE inline
#endif

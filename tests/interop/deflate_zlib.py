"""interop_deflate against Python's zlib, both ways, for every level, window and mode.

Usage: deflate_zlib.py INTEROP_DEFLATE
"""
import sys
import zlib

from deflate_messages import TAIL, make_messages, run


def zlib_reads(payloads, window_bits, keep):
    messages = []
    decompress = None
    for payload in payloads:
        if decompress is None or not keep:
            decompress = zlib.decompressobj(-window_bits)
        messages.append(decompress.decompress(payload + TAIL))
        assert not decompress.unused_data and not decompress.eof
    return messages


def zlib_writes(messages, level, window_bits, keep, strategy):
    payloads = []
    compress = None
    for message in messages:
        if compress is None or not keep:
            compress = zlib.compressobj(level, zlib.DEFLATED, -window_bits, 8, strategy)
        payload = compress.compress(message) + compress.flush(zlib.Z_SYNC_FLUSH)
        assert payload.endswith(TAIL)
        payloads.append(payload[:-len(TAIL)] or b"\x00")
    return payloads


def main():
    program = sys.argv[1]
    messages = make_messages()
    for mode in "keep", "reset":
        for window_bits in range(8, 16):
            for level in range(10):
                payloads = run(program, "deflate", level, window_bits, mode, messages=messages)
                assert zlib_reads(payloads, window_bits, mode == "keep") == messages, \
                    f"zlib does not read level {level}, window {window_bits}, {mode}"
        # Raw windows of 256 bytes are beyond zlib.
        for window_bits in range(9, 16):
            for level in 0, 1, 6, 9:
                for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY,
                                 zlib.Z_RLE, zlib.Z_FIXED):
                    payloads = zlib_writes(messages, level, window_bits, mode == "keep", strategy)
                    assert run(program, "inflate", window_bits, mode,
                               messages=payloads) == messages, \
                        f"zlib's level {level}, window {window_bits}, {mode} is not read"


if __name__ == "__main__":
    main()

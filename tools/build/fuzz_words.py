"""The words of each fuzzer that are worth trying: what grammars and formats are made of."""
import re
import struct

import fuzz_seeds

HTTP_WORDS = [b"\r\n", b"\r\n\r\n", b": ", b"HTTP/1.1", b"HTTP/1.0",
              b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n",
              b"Host: a\r\n", b"Connection: close\r\n", b"0\r\n\r\n",
              b"Expect: 100-continue\r\n", b"keep-alive", b"http://a/", b"OPTIONS * "]
WEBSOCKET_WORDS = [b"Upgrade: websocket\r\n", b"Connection: Upgrade\r\n",
                   b"Sec-WebSocket-Version: 13\r\n", b"Sec-WebSocket-Protocol: chat\r\n",
                   b"Sec-WebSocket-Extensions: permessage-deflate\r\n",
                   b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                   b"Origin: https://good.example\r\n",
                   b"Sec-WebSocket-Accept: " + fuzz_seeds.ACCEPT + b"\r\n"]


def common_words(inputs):
    """Words that are in two inputs or more."""
    counts = {}
    for data in inputs:
        for word in set(re.findall(rb"[!-~]{2,32}", data)):
            counts[word] = counts.get(word, 0) + 1
    return sorted(word for word, count in counts.items() if count > 1)


def deflate_words():
    """How blocks begin in the rows, and blocks that are whole."""
    begun = {data[:size] for data in fuzz_seeds.compressed() for size in (2, 5, 12)}
    whole = {b"\0\0\0\xff\xff", b"\1\0\0\xff\xff", b"\0\0\xff\xff", b"\3\0", b"\2\0",
             b"\0\1\0\xfe\xffx", b"\x4a\4\0", b"\x4b\4\0", b"\5\xc0\x81"}
    return sorted((begun | whole) - {b""})


def msgpack_words():
    """The first byte of every form, and sizes that are too large for what follows."""
    sized = [bytes([kind]) + size for kind in (0xc6, 0xdb, 0xdd, 0xdf, 0xc9)
             for size in (b"\0\0\0\1", b"\xff\xff\xff\xff")]
    return [bytes([kind]) for kind in range(0xc0, 0xe0)] + sized + [b"\x80", b"\x90", b"\xa0"]


def numbers():
    """What decisions are taken from."""
    return [struct.pack(form, value) for form, value in
            [(">B", 0), (">B", 1), (">B", 127), (">B", 255), (">H", 1), (">H", 255), (">H", 65535)]]


def cluster_words():
    names = ["uid", "nsp", "type", "data", "opts", "rooms", "except", "flags", "requestId",
             "packet", "sockets", "clientCount", "close", "volatile", "timeout", "compress",
             "handshake", "Buffer"]
    return [f'"{name}":'.encode() for name in names] + [
        bytes([0xa0 + len(name)]) + name.encode() for name in names]


WORDS = {
    "sessions": lambda: [b"40", b"40/d,", b"41", b'42["hello"]', b'420["hello"]', b'42["much"]',
                         b'42["ask me"]', b"430[1]", b'["refused"]', b"2probe", b"5", b"\x1e"],
    "socket_client": lambda: [b'0{"sid":"s"}', b'40{"sid":"x"}', b'40/d,{"sid":"y"}', b"41",
                              b"41/d,", b'["hello"]', b'0["hello"]', b'["ask me"]', b"430[1]",
                              b'44{"message":"no"}', b"3probe", b"2", b"1", b"6", b"\x1e",
                              b'451-["hello",{"_placeholder":true,"num":0}]'],
    "capture": lambda: [b"\x0a\x0d\x0d\x0a", b"\x4d\x3c\x2b\x1a", b"\x1a\x2b\x3c\x4d",
                        b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x08\0\x45", b"\x86\xdd\x60",
                        b"\1\0\4\0abcd", b"\2\0\4\0\1\0\0\0"] + WEBSOCKET_WORDS,
    "http_request": lambda: HTTP_WORDS + common_words(fuzz_seeds.requests()),
    "http_response": lambda: HTTP_WORDS + common_words(fuzz_seeds.answers()),
    "chunked": lambda: [b"\r\n", b"0\r\n\r\n", b"5\r\nhello\r\n", b";a=\"b\"", b";a", b"\\\"",
                        b"a: b"],
    "websocket_opening_server": lambda: (
        HTTP_WORDS + WEBSOCKET_WORDS + common_words(fuzz_seeds.openings())),
    "websocket_opening_client": lambda: (
        HTTP_WORDS + WEBSOCKET_WORDS + common_words(fuzz_seeds.answers())),
    "extensions": lambda: [b"; ", b", ", b"=\"", b"\\\"", b"permessage-deflate",
                           b"server_no_context_takeover", b"client_max_window_bits=15"],
    "deflate_negotiation": lambda: [b"permessage-deflate", b", ", b"; ",
                                    b"server_no_context_takeover", b"client_no_context_takeover",
                                    b"server_max_window_bits=8", b"client_max_window_bits=15",
                                    b"client_max_window_bits", b"=\"10\"", b"=08", b"=16"],
    "frames_server": lambda: [b"\x81\x80\0\0\0\0", b"\x01\x80\0\0\0\0", b"\x80\x80\0\0\0\0",
                              b"\x89\x80\0\0\0\0", b"\x88\x82\0\0\0\0\x03\xe8", b"\xfe\0\x7e",
                              b"\xff"],
    "frames_client": lambda: [b"\x81\0", b"\x01\0", b"\x80\0", b"\x89\0", b"\x88\x02\x03\xe8",
                              b"\x7e\0\x7e", b"\x7f\0\0\0\0\0\1\0\0"],
    "utf8": lambda: [b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xf4\x8f\xbf\xbf", b"\xf0\x90\x80\x80",
                     b"\xe0\xa0\x80", b"\xc2\x80", b"0123456789abcdef"],
    "proxy_header": lambda: [b"PROXY TCP4 ", b"PROXY TCP6 ", b"PROXY UNKNOWN ", b"::", b"::ffff:",
                             b"1.2.3.4", b" 65535", b"\r\n", b"\r\n\r\n\0\r\nQUIT\n\x21"],
    "json": lambda: [b"null", b"true", b"false", b"\\u00", b"\\ud8", b"e+", b'":', b'",', b"[[",
                     b"]]"],
    "resp": lambda: [b"\r\n", b"*2\r\n", b"$3\r\n", b"$-1\r\n", b"*0\r\n", b":1\r\n", b"+", b"-"],
    "engineio": lambda: [b"2:4a", b"6:b4AQ==", b"\0\2\xff4", b"\1\2\xff\4", b"\x1e",
                         b"\x1e4", b"\x1eb", b'"sid":"', b'"upgrades":["websocket"]',
                         b'"pingInterval":', b'"pingTimeout":', b'"maxPayload":'],
    "socketio": lambda: [b'{"_placeholder":true,"num":', b'["', b"/a,", b"1-", b"connect"],
    "event_stream": lambda: [b"data: ", b"event: ", b"id: ", b"retry: ", b"\r\n", b"\n\n",
                             b"\xef\xbb\xbf"],
    "url_query": lambda: [b"%2e", b"%2F", b"/../", b"/./", b"&", b"=", b"http://", b"ws://",
                          b"ws+unix:", b"[::1]", b":80"],
    "inflate": deflate_words,
    "permessage_deflate_receive": deflate_words,
    "deflate": lambda: common_words(fuzz_seeds.requests()),
    "permessage_deflate_send": lambda: common_words(fuzz_seeds.requests()),
    "msgpack": msgpack_words,
    "cluster_messages": cluster_words,
    "sha1_base64": lambda: [b"=", b"==", b"===", b"+/", b"-_", b"\r\n", fuzz_seeds.ACCEPT],
    "pubsub": numbers,
    "reactor": numbers,
    "api": numbers,
}


def words(target):
    return WORDS[target]()

"""What the fuzzers begin with: the rows of tests/data/*.json as each target takes them, and the
words that are worth trying."""
import hashlib
import json
import re
import struct
import zlib

ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # for the sample key of RFC 6455 section 1.3
EXTENSION_FIELDS = rb"(?i)\r\nsec-websocket-(?:extensions|protocol): *([^\r\n]*)"


def rows(name):
    with open(f"tests/data/{name}.json", encoding="utf-8") as file:
        return json.load(file)


def bytes_of(segments):
    return b"".join(bytes.fromhex(s["hex"]) * s.get("times", 1) for s in segments
                    if isinstance(s, dict))


def requests():
    return [bytes_of(row["bytes"]) for row in rows("http_requests")]


def openings():
    return [data for data in requests() if b"pgrade" in data]


def answers():
    """Of servers: those of the openings, and the requests' fields and bodies behind a status."""
    given = [(bytes_of(row["response_head"]) + bytes_of(row["then"])).replace(b"{A}", ACCEPT)
             for row in rows("client_openings")]
    heads = [b"HTTP/1.1 200 OK", b"HTTP/1.0 404 Not Found", b"HTTP/1.1 304 "]
    made = [heads[i % len(heads)] + data[data.find(b"\r\n"):]
            for i, data in enumerate(requests()) if b"\r\n" in data]
    return given + made


def chunks():
    return [data.partition(b"\r\n\r\n")[2] for data in requests()
            if b"ransfer-" in data and b"\r\n\r\n" in data]


def frames():
    """(bytes, whether an extension is spoken)"""
    return [(b"".join(bytes_of(step["send"]) for step in row["steps"] if "send" in step),
             row["extensions"] is not None) for row in rows("frames")]


def without_masks(data):
    """What a client sends, as a server sends it; what is no frame stays."""
    out = b""
    while len(data) >= 6 and data[1] & 0x80:
        size = {126: 2, 127: 8}.get(data[1] & 0x7F, 0)
        length = int.from_bytes(data[2:2 + size], "big") if size else data[1] & 0x7F
        key, payload = data[2 + size:6 + size], data[6 + size:6 + size + length]
        plain = bytes(c ^ key[i % len(key)] for i, c in enumerate(payload))
        out += data[:1] + bytes([data[1] & 0x7F]) + data[2:2 + size] + plain
        data = data[6 + size + length:]
    return out + data


def texts():
    payloads = [without_masks(data)[2:] for data, _ in frames()]
    return payloads + ["κόσμε \u20ac \U0001f600 \ud7ff\ue000".encode()]


def targets():
    found = [match[1] for data in requests()
             if (match := re.match(rb"[A-Z]+ ([^ \r\n]+) HTTP", data))]
    urls = [b"[::1]:8080/a?b=c&d=%20", b"a:8080", b"ws+unix:/run/s:/a",
            b"http://a:1/%2e%2E/.//../b?x",
            b"a=1&b=x+y%26z&a=2&c&=empty&&d=1=2&%65=e"]
    return [b"\x01a" + data for data in found + urls]


def noise(name, count, size):
    """The same bytes every time."""
    def block(number):
        stream = b"".join(hashlib.sha256(f"{name} {number} {i}".encode()).digest()
                          for i in range(size // 32 + 1))
        return stream[:size]
    return [block(number) for number in range(count)]


def prefixed(prefix, inputs):
    return [prefix + data for data in inputs]


def fields_of_lists():
    values = [b"\n".join(re.findall(EXTENSION_FIELDS, data)) for data in openings()]
    return [value for value in values if value] + [
        b'a; b="c\\"d"; e=f, g', b"permessage-deflate; client_max_window_bits=15"]


def repeated(distance):
    """Compressed bytes that repeat at that distance."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = compressor.compress(noise("repeated", 1, distance)[0] * 2)
    return data + compressor.flush(zlib.Z_SYNC_FLUSH)[:-4]


def compressed():
    return [data for row in rows("deflate") if len(data := bytes_of(row["bytes"])) < 0x10000]


def deflate_lists():
    wrong = [b"permessage-deflate; server_max_window_bits=" + bits for bits in (b"08", b"16")]
    return [value for value in fields_of_lists() if b"deflate" in value] + wrong


def message_twice(text):
    """From one end of a connection, then from the other."""
    rest = b"\x01" + len(text).to_bytes(2, "big") + text
    return b"\0" + rest + b"\x06" + rest


def proxy_headers():
    ipv4, ipv6 = bytes(range(12)), bytes(range(36))
    lines = [b"PROXY TCP4 203.0.113.7 10.0.0.1 56324 443", b"PROXY UNKNOWN what ever",
             b"PROXY TCP6 2001:db8::7 ::ffff:1.2.3.4 0 65535", b"PROXY TCP4 1.2.3.04 1.2.3.4 1 2"]
    binary = [b"\x21\x11\0\x0c" + ipv4, b"\x21\x21\0\x28" + ipv6 + b"\1\0\1h", b"\x20\0\0\0",
              b"\x21\x31\0\xd8" + 216 * b"p", b"\x21\x11\0\x0b" + ipv4]
    return [line + b"\r\nGET" for line in lines] + prefixed(b"\r\n\r\n\0\r\nQUIT\n", binary)


def event_streams():
    return [b"\xef\xbb\xbfdata: a\n\ndata:b\r\ndata: c\r\n\r\n", b"event: e\nid: 7\ndata\n\n",
            b"retry: 3000\r\r: remark\nid\nid: \0\ndata: x\r\n\n", b"data: " + 120 * b"y" + b"\n\n"]


def packet(from_client, flags, sequence, acknowledgement, payload=b""):
    """Ethernet, IPv4 and TCP, with the checksums left to a network card."""
    ports, ends = (40000, 80), (b"\x0a\0\0\1", b"\x0a\0\0\2")
    step = 1 if from_client else -1
    addresses = b"".join(ends[::step])
    pseudo = addresses + struct.pack(">HH", 6, 20 + len(payload))
    total = sum(struct.unpack(">6H", pseudo))
    tcp = struct.pack(">HHIIBBHHH", *ports[::step], sequence, acknowledgement, 0x50, flags, 1000,
                      (total & 0xffff) + (total >> 16), 0) + payload
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0) + addresses
    return bytes(12) + b"\x08\0" + ip + tcp


def conversations():
    """An opening, then what one side says in one packet."""
    request = next(data for data in openings() if b"dGhlIHNhbXBsZSBub25jZQ==" in data)
    answer = (b"HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
              b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n\r\n")
    for data in [b"\x81\x85\0\0\0\0hello", b"\x01\x03Hel\x89\0\x80\2lo\x88\2\x03\xe8",
                 b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\0", b"\x16\x03\1\0\5\1"]:
        there, back = 101 + len(request), 901 + len(answer)
        masked = bytes([data[1] & 0x80]) == b"\x80"
        yield [packet(True, 2, 100, 0), packet(False, 18, 900, 101),
               packet(True, 24, 101, 901, request), packet(False, 24, 901, there, answer),
               packet(masked, 17, *((there, back) if masked else (back, there)), data)]


def pcap(packets):
    records = [struct.pack("<4I", 1, number, len(data), len(data)) + data
               for number, data in enumerate(packets)]
    return struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + b"".join(records)


def block(kind, body):
    size = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + size + body + size


def pcapng(packets):
    section = block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))
    described = block(1, struct.pack("<HHIHHII", 1, 0, 0, 9, 1, 9, 0))
    return section + described + b"".join(
        block(6, struct.pack("<5I", 0, 0, number, len(data), len(data)) + data
              + bytes(-len(data) % 4)) for number, data in enumerate(packets))


def captures():
    return [write(packets) for packets in conversations() for write in (pcap, pcapng)]


def json_texts():
    return [b"\x08\xff" + text.encode() for text in [
        '{"a":[null,true,false,-1.5e+3,"\\u00e9\\n"],"b":{}}', "[[[[0]]]]", "9007199254740993",
        "1e-400", "1e400", '"\\ud834\\udd1e"', '"\\ud834"', '{"a":1,"a":2}', " [ 1 , 2 ] ",
        "-0", "1e21", "0.000001", '"κόσμε"', "[1,]", "01", "nul"]]


def msgpack_values():
    return [b"\x08\xff" + bytes.fromhex(text) for text in [
        "93a6314759475f5083a47479706502a46461746191a463686174a36e7370a12f80",
        "c0", "c2", "c3", "7f", "ff", "ccff", "cdffff", "ceffffffff", "cfffffffffffffffff", "d0df",
        "d1ff7f", "d2ffff7fff", "d3ffffffff7fffffff", "ca3f800000", "cb3fe0000000000000", "d90161",
        "da000161", "db0000000161", "c40107", "c5000107", "c60000000107", "dc0001c0",
        "dd00000001c0", "de0001a161c0", "df00000001a161c0", "d6ff00000000",
        "d7ff1dcd650000000001", "d40000",
        "c70cff00000000ffffffffffffffff", "9191919190"]] + json_texts()


def resp_replies():
    return prefixed(b"\xff\x1f\x07\x3f\x01", [
        b"+OK\r\n-ERR a b\r\n:-12\r\n:+5\r\n$-1\r\n*-1\r\n$0\r\n\r\n*0\r\n",
        b"*3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$4\r\n\r\n\r\n\r\n",
        b"*1\r\n*2\r\n$6\r\nstream\r\n*1\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n",
        b"*64\r\n", b"$200\r\n", b"*2\r\n*1\r\n", b"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", b"+a\n",
        b":01\r\n", b":9223372036854775807\r\n", b":9223372036854775808\r\n", b"_\r\n",
        b"$1\r\nab\r\n", b"$-2\r\n", b"+a\rb"])


def engineio_payloads():
    return [b"\x08" + data for data in [
        b"4a\x1e4b\x1ebAQIDBA==", b"2probe", b"3probe", b"5", b"6", b"1", b"", b"4a\x1e\x1e4b",
        b"abc",
        b"bAQ", b'{"sid":"x","upgrades":["websocket"],"pingInterval":1,"pingTimeout":2,'
                b'"maxPayload":3}', b'{"sid":"x","upgrades":[]}', b'{"sid":1}',
        "6:4hello5:4ä€😀1:210:b4AQIDBA==".encode(), b"2:4", b"3:4a\xf0\x9f\x98\x80", b"0:",
        b"\1\5\xff\4\1\2\3\4\0\1\0\xff4" + "ä€😀".encode() + b"\0\6\xff3probe",
        b"\0\6\xffb4AQ==", b"\0\2\xff4", b"\1\1\xff4"]]


def socketio_messages():
    """Each of some messages: whether it is text, its size, itself."""
    def tape(*messages):
        return b"\x03" + b"".join(bytes([isinstance(m, str), len(m)]) +
                                  (m.encode() if isinstance(m, str) else m) for m in messages)
    place = '{"_placeholder":true,"num":%d}'
    return [tape(*messages) for messages in [
        ("0", '0/admin,{"token":"x"}', "1/admin,", '2["chat","hi"]', '2/a,12["x",{"b":[1]}]',
         "30[]"),
        ('51-["x",' + place % 0 + "]", b"ab", '2["y"]'),
        ('62-/a,7[' + place % 1 + ',{"b":' + place % 0 + "}]", b"ab", b""),
        ('51-["x",' + place % 5 + "]", b"ab"),
        ('52-["x",' + place % 0 + "," + place % 0 + "]", b"", b""),
        ('44/random,{"message":"no"}',), ('4/random,{"message":"no"}', '4"no"'), ("59-[1]",),
        ("318446744073709551615[]",), ("318446744073709551616[]",), ('2["connect"]',), ("2[1,2]",)]]


def session_walks():
    """What clients of a Socket.IO server do, and one deed of its user at some moment."""
    def say(text, how=3):
        return bytes([how, len(text)]) + text.encode()
    talk = [say(text) for text in ("40", "40/d,", '420["hello"]', '42["ask me"]', "430[1]",
                                   '42["much"]', '42["number","one"]', "41", "4x")]
    walks = [b"\0" + b"".join(talk) + b"\x08\x0a\x07",
             b"\x09\1\0" + b"".join(talk[2:]) + b"\x07",
             b"\1\0" + say("40", 2) + b"\1\1" + say('421["hello"]', 2) + b"\x05" + b"\x06"
             + b"".join(talk[2:5]) + b"\x08\xff" + say("3") + b"\x08\xff",
             b"\1\0" + say("40", 2) + b"\1\1" + say('42["much"]\x1e42["hello"]', 2) + b"\1\1"]
    return [bytes([2, moment, 7 * moment % 23]) + walk for walk in walks
            for moment in range(0, 24, 3)] + [b"\0" + walk for walk in walks]


SEEDS = {
    "sessions": session_walks,
    "json": json_texts,
    "msgpack": msgpack_values,
    "resp": resp_replies,
    "engineio": engineio_payloads,
    "socketio": socketio_messages,
    "capture": lambda: prefixed(b"\0\2\x9b", captures()),
    "http_request": lambda: prefixed(b"\0\0", requests()),
    "http_response": lambda: prefixed(b"\0\0\0", answers()),
    "chunked": lambda: prefixed(b"\0\0", chunks()) + prefixed(b"\x7f\0", chunks()),
    "websocket_opening_server": lambda: prefixed(b"\0\x06", openings()),
    "websocket_opening_client": lambda: prefixed(b"\0", answers()),
    "extensions": fields_of_lists,
    "frames_server": lambda: [bytes([0x40 * e, 0]) + data for data, e in frames()],
    "frames_client": lambda: [bytes([0x40 * e, 0]) + without_masks(data) for data, e in frames()],
    "utf8": lambda: prefixed(b"\x03", texts()),
    "sha1_base64": lambda: [b"", b"abc", b"dGhlIHNhbXBsZSBub25jZQ==", ACCEPT, *noise("", 1, 119)],
    "url_query": targets,
    "proxy_header": lambda: prefixed(b"\x02", proxy_headers()),
    "event_stream": lambda: [
        data for limit in range(5) for data in prefixed(bytes([0, limit, 3]), event_streams())] + [
        b"\1\1\1\4type\2id\0\0one\ntwo\r\nthree\r", b"\1\1\0\0\x0210\xce\xba"],
    "reactor": lambda: faulty_worlds("reactor", b"\x01"),
    "api": lambda: [data for deflate in (b"\0", b"\1", b"\3")
                    for data in faulty_worlds("api", b"\x10\x01" + deflate)],
    "deflate": lambda: [
        bytes([7, 9 * number % 32, number % 10, number % 3]) + len(text).to_bytes(2, "big") + text
        for number, text in enumerate(requests()) if len(text) < 0x10000],
    "deflate_negotiation": lambda: [
        data for wishes in (b"\0\0", b"\x6b\x97", b"\x03\x87", b"\x83\x17")
        for data in prefixed(wishes, deflate_lists())],
    "permessage_deflate_send": lambda: [
        bytes([3, number * 37 % 256, number % 50, number * 101 % 256, number % 50])
        + message_twice(text) for number, text in enumerate(requests()) if len(text) < 0x1000],
    "permessage_deflate_receive": lambda: [
        bytes([3, number % 2, 0xff * (number % 3 == 0), 0])
        + 2 * (bytes([8 + number % 2]) + len(data).to_bytes(2, "big") + data)
        for number, data in enumerate(compressed())],
    "inflate": lambda: prefixed(b"\x07\0\0\xff\xff", compressed()) + prefixed(
        b"\x07\x07\0\xff\xff", [repeated(distance) for distance in (255, 256, 257, 258)]) + [
        b"\x07\0\0" + b"".join(len(data).to_bytes(2, "big") + data for data in pair)
        for pair in zip(compressed()[2:], compressed()[9:])],
}

HTTP_WORDS = [b"\r\n", b"\r\n\r\n", b": ", b"HTTP/1.1", b"HTTP/1.0",
              b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n",
              b"Host: a\r\n", b"Connection: close\r\n", b"0\r\n\r\n",
              b"Expect: 100-continue\r\n", b"keep-alive", b"http://a/", b"OPTIONS * "]
WEBSOCKET_WORDS = [b"Upgrade: websocket\r\n", b"Connection: Upgrade\r\n",
                   b"Sec-WebSocket-Version: 13\r\n", b"Sec-WebSocket-Protocol: chat\r\n",
                   b"Sec-WebSocket-Extensions: permessage-deflate\r\n",
                   b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                   b"Origin: https://good.example\r\n",
                   b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n"]


def common_words(inputs):
    """Words that are in two inputs or more."""
    counts = {}
    for data in inputs:
        for word in set(re.findall(rb"[!-~]{2,32}", data)):
            counts[word] = counts.get(word, 0) + 1
    return sorted(word for word, count in counts.items() if count > 1)


WORDS = {
    "sessions": lambda: [b"40", b"40/d,", b"41", b'42["hello"]', b'420["hello"]', b'42["much"]',
                         b'42["ask me"]', b"430[1]", b'["refused"]', b"2probe", b"5", b"\x1e"],
    "capture": lambda: [b"\x0a\x0d\x0d\x0a", b"\x4d\x3c\x2b\x1a", b"\x1a\x2b\x3c\x4d",
                        b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x08\0\x45", b"\x86\xdd\x60",
                        b"\1\0\4\0abcd", b"\2\0\4\0\1\0\0\0"] + WEBSOCKET_WORDS,
    "http_request": lambda: HTTP_WORDS + common_words(requests()),
    "http_response": lambda: HTTP_WORDS + common_words(answers()),
    "chunked": lambda: [b"\r\n", b"0\r\n\r\n", b"5\r\nhello\r\n", b";a=\"b\"", b";a", b"\\\"",
                        b"a: b"],
    "websocket_opening_server": lambda: HTTP_WORDS + WEBSOCKET_WORDS + common_words(openings()),
    "websocket_opening_client": lambda: HTTP_WORDS + WEBSOCKET_WORDS + common_words(answers()),
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
}


def faulty_worlds(name, prefix):
    """Few faults, or none, and then much to do."""
    return [prefix + bytes([4 * number]) + data for number, data in enumerate(noise(name, 24, 480))]


def seeds(target):
    return SEEDS[target]() if target in SEEDS else noise(target, 24, 160)


def words(target):
    return WORDS[target]() if target in WORDS else []

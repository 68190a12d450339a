"""What the fuzzers begin with: the rows of tests/data/*.json as each target takes them. The words
that are worth trying are in fuzz_words.py."""
import base64
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


def hostile_servers():
    """What a server says to a Socket.IO client, and one deed of its user at some moment."""
    def text(step, *said):
        return b"".join(bytes([step]) + way + bytes([len(each)]) + each.encode()
                        for each in said for way in ([b"\0", b"\1"] if step == 3 else [b""]))
    events = text(2, '["hello"]', '0["hello"]', '["ask me"]', '["number","one"]')
    talk = (b"\0\x05\1" + text(3, '40/d,{"sid":"y"}') + events + b"\x05"
            + text(3, "430[1]", "431[1]", "41/d,"))
    upgrade = b"\0\x05" + text(3, "3probe") + b"\x05\1" + text(3, "6") + talk[3:]
    attached = text(3, '451-["hello",{"_placeholder":true,"num":0}]') + b"\4\1x"
    packet = packed({"type": 0, "data": {"sid": "x"}, "nsp": "/"})
    msgpack = b"\0\4" + bytes([len(packet)]) + packet
    endings = [b"\x07\1\x09\xff\0\1", b"\x07\0\x09\x20\0\1" + events,
               text(3, "4x"), text(3, "41"), text(3, "1") + b"\x08\0\x09\xff", attached]
    walks = [(0, talk), (0, upgrade), (8, upgrade), (1, talk), (17, talk), (6, b"\x06\1x" + talk)]
    whole = [bytes([options, 0]) + deed + walk + end for options, walk in walks
             for end, deed in zip(endings, [bytes([2, moment, 5 * moment % 16])
                                            for moment in range(0, 18, 3)])]
    return whole + [b"\x21\0\0" + msgpack, b"\0\1\0" + talk + endings[0]]


def packed(value):
    """In MessagePack, in its short forms."""
    if isinstance(value, (dict, list)):
        kind = 0x80 if isinstance(value, dict) else 0x90
        parts = [x for pair in value.items() for x in pair] if kind == 0x80 else value
        return bytes([kind + len(value)]) + b"".join(map(packed, parts))
    if isinstance(value, str):
        return bytes([0xa0 + len(value)]) + value.encode()
    if isinstance(value, bytes):
        return bytes([0xc4, len(value)]) + value
    return bytes([0xc2 + value if isinstance(value, bool) else value])


def cluster_requests():
    """By their type, in the numbers of the cluster adapter."""
    options = {"rooms": ["a"], "except": ["b"], "flags": {}}
    socket = {"id": "s", "handshake": {}, "rooms": ["s"], "data": {}}
    return {3: {"packet": {"type": 2, "data": ["e", 1]}, "opts": options, "requestId": "r"},
            4: {"opts": options, "rooms": ["c"]}, 5: {"opts": options, "rooms": ["c"]},
            6: {"opts": options, "close": True}, 7: {"opts": options, "requestId": "r"},
            8: {"requestId": "r", "sockets": [socket]}, 9: {"requestId": "r", "packet": ["e"]},
            10: {"requestId": "r", "packet": "yes"}, 11: {"requestId": "r", "clientCount": 3},
            12: {"requestId": "r", "packet": "yes"}}


def classic_requests():
    """Requests, then responses, in the numbers of the Redis adapter."""
    options = {"rooms": ["a"], "except": ["b"]}
    socket = {"id": "s", "handshake": {}, "rooms": ["s"], "data": {}}
    return ([{"uid": "u", "requestId": "r", "type": kind, "opts": options, "rooms": ["a"],
              "close": True, "data": ["e", {"type": "Buffer", "data": [1, 255]}]}
             for kind in range(8)],
            [{"type": kind, "requestId": "r", "rooms": ["a"], "sockets": [socket], "data": 5,
              "clientCount": 3, "packet": [5]} for kind in (0, 1, 5, 6, 8, 9)])


def cluster_messages():
    """Behind the channel and the type: as broadcasts, requests, responses, and in streams."""
    options = {"rooms": ["a"], "except": [], "flags": {"volatile": True, "timeout": 9}}
    packet = {"type": 2, "data": ["e", b"\1"], "nsp": "/"}
    requests, responses = classic_requests()
    given = [b"\0\0" + packed(["u", packet, options]), b"\0\0" + packed(["u", packet, {}])]
    given += [b"\1\0" + json.dumps(each).encode() for each in requests]
    given += [b"\2\0" + json.dumps(each).encode() for each in responses]
    for kind, data in cluster_requests().items():
        whole = {"type": kind, "data": data, "uid": "u", "nsp": "/"}
        given += [b"\3\0" + json.dumps(whole).encode(), b"\3\0" + packed(whole)]
        given += [bytes([4, kind % 12]) + json.dumps(data).encode(),
                  bytes([4, kind % 12]) + base64.b64encode(packed(data))]
    return given


def subscriptions():
    """Who, what (subscribe, end, subscribe without memory, leave) and which topic."""
    everybody = [bytes([who, what, topic]) for what in (0, 2, 6, 10, 1)
                 for who in range(7) for topic in range(6)]
    return [b"".join(everybody), b"".join(everybody[::-1]),
            b"".join(everybody[::5]) + b"\0\3\0" + b"".join(everybody[::7]) + b"\3\3\2"]


SEEDS = {
    "sessions": session_walks,
    "socket_client": hostile_servers,
    "json": json_texts,
    "msgpack": msgpack_values,
    "resp": resp_replies,
    "engineio": engineio_payloads,
    "socketio": socketio_messages,
    "cluster_messages": cluster_messages,
    "pubsub": subscriptions,
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


def faulty_worlds(name, prefix):
    """Few faults, or none, and then much to do."""
    return [prefix + bytes([4 * number]) + data for number, data in enumerate(noise(name, 24, 480))]


def seeds(target):
    return SEEDS[target]()

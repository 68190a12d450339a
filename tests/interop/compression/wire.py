"""What two WebSocket peers say to each other, read by a proxy between them: what they agreed on,
and for each message whether it was compressed. zlib, not Duplex, says what is in it."""
import asyncio
import dataclasses
import re
import struct
import zlib

TAIL = b"\x00\x00\xff\xff"
TEXT, BINARY, CLOSE = 1, 2, 8
SLICE = 1024  # bytes asked of zlib at a time: it sees no smaller excess over its window


@dataclasses.dataclass(frozen=True)
class Agreement:
    """RFC 7692 section 7.1: for each sender, its window and whether it takes its context over."""
    server_bits: int = 15
    server_keeps: bool = True
    client_bits: int = 15
    client_keeps: bool = True


def read_answer(head):
    """The Agreement in the server's answer, or None."""
    fields = re.findall(r"(?im)^sec-websocket-extensions: *(.*?) *\r$", head)
    if not fields:
        return None
    name, *parameters = [part.strip() for part in fields[0].split(";")]
    assert len(fields) == 1 and name == "permessage-deflate", fields
    said = dict((parameter.split("=") + [True])[:2] for parameter in parameters)
    agreement = Agreement(int(said.pop("server_max_window_bits", 15)),
                          not said.pop("server_no_context_takeover", False),
                          int(said.pop("client_max_window_bits", 15)),
                          not said.pop("client_no_context_takeover", False))
    assert not said, f"unknown parameters: {said}"
    return agreement


def unmask(payload, key):
    if not key:
        return payload
    size = len(payload)
    keys = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(keys, "big")).to_bytes(size, "big")


@dataclasses.dataclass
class Message:
    compressed: bool
    payload: bytes = b""
    fragments: int = 0
    size: int = 0        # as the application sees it
    alone: bool = False  # can be read without those before it


class Reader:
    """zlib, reading the compressed messages of one sender."""

    def __init__(self, bits, keeps):
        self.bits = bits
        self.keeps = keeps
        self.stream = None

    def size(self, payload):
        if not self.stream or not self.keeps:
            self.stream = zlib.decompressobj(-self.bits)
        size = 0
        rest = payload + TAIL
        while rest:
            small = self.bits < 13 and len(payload) < 1 << 16
            size += len(self.stream.decompress(rest, SLICE if small else 0))
            rest = self.stream.unconsumed_tail
        return size

    def is_alone(self, payload):
        if not self.keeps or len(payload) > 1000:
            return not self.keeps
        try:
            zlib.decompressobj(-self.bits).decompress(payload + TAIL)
        except zlib.error:
            return False
        return True


class Side:
    """The frames of one sender."""

    def __init__(self):
        self.messages = []
        self.problem = None
        self.reader = None
        self.rest = bytearray()

    def feed(self, data):
        self.rest += data
        try:
            while self.take_frame():
                pass
        except (AssertionError, zlib.error) as error:
            self.problem = self.problem or error

    def take_frame(self):
        if len(self.rest) < 2:
            return False
        first, second = self.rest[:2]
        wide = {126: ">H", 127: ">Q"}.get(second & 127)
        start = 2 + (struct.calcsize(wide) if wide else 0)
        if len(self.rest) < start + 4:  # a Close frame at the end is longer than that, or no matter
            return False
        size = struct.unpack_from(wide, self.rest, 2)[0] if wide else second & 127
        key_size = 4 if second & 128 else 0
        end = start + key_size + size
        if len(self.rest) < end:
            return False
        key = bytes(self.rest[start:start + key_size])
        payload = bytes(self.rest[start + key_size:end])
        del self.rest[:end]
        if first & 15 < CLOSE:
            self.take_data(first, unmask(payload, key))
        return True

    def take_data(self, first, payload):
        if first & 15 in (TEXT, BINARY):
            self.messages.append(Message(compressed=bool(first & 0x40)))
        message = self.messages[-1]
        message.payload += payload
        message.fragments += 1
        if first & 0x80:
            self.end_message(message)

    def end_message(self, message):
        message.size = len(message.payload)
        if message.compressed:
            assert self.reader, "a compressed message, though nothing was agreed on"
            message.size = self.reader.size(message.payload)
            message.alone = self.reader.is_alone(message.payload)
        message.payload = len(message.payload)


@dataclasses.dataclass
class Conversation:
    path: str
    offer: str
    agreement: Agreement
    client: Side
    server: Side


class Wire:
    """Relays connections to a server and keeps what was said."""

    def __init__(self, server_port):
        self.server_port = server_port
        self.conversations = []

    async def __aenter__(self):
        self.listener = await asyncio.start_server(self.relay, "127.0.0.1", 0, limit=1 << 20)
        self.port = self.listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.listener.close()
        await self.listener.wait_closed()

    async def relay(self, client_in, client_out):
        server_in, server_out = await asyncio.open_connection("127.0.0.1", self.server_port,
                                                              limit=1 << 20)
        request = await client_in.readuntil(b"\r\n\r\n")
        server_out.write(request)
        answer = await server_in.readuntil(b"\r\n\r\n")
        conversation = self.begin(request.decode(), answer.decode())
        client_out.write(answer)
        await asyncio.gather(self.pump(client_in, server_out, conversation.client),
                             self.pump(server_in, client_out, conversation.server))

    def begin(self, request, answer):
        agreement = read_answer(answer)
        offer = re.findall(r"(?im)^sec-websocket-extensions: *(.*)\r$", request)
        conversation = Conversation(request.split(" ")[1], ", ".join(offer), agreement, Side(),
                                    Side())
        if agreement:
            conversation.client.reader = Reader(agreement.client_bits, agreement.client_keeps)
            conversation.server.reader = Reader(agreement.server_bits, agreement.server_keeps)
        self.conversations.append(conversation)
        return conversation

    @staticmethod
    async def pump(source, sink, side):
        try:
            while data := await source.read(1 << 18):
                side.feed(data)
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass  # the other direction has ended
        finally:
            sink.close()

"""Clients of Socket.IO that change from polling to a WebSocket while messages are on their way."""

import asyncio
import contextlib
import json
import random
import re
import time

from peers import HOST, frame, opening

PATH = "/socket.io/?EIO=4&transport="
POLLING = 5         # seconds at most until a session tries the WebSocket
AFTERWARDS = 5      # messages over the WebSocket
SESSION_LIMIT = 60  # seconds
BETWEEN = 0.01      # seconds from one client that comes to the next


class Switches:
    """What became of all sessions."""

    def __init__(self):
        self.sessions = self.sent = self.failed = 0
        self.wrong = 0     # of the sessions that came to their end
        self.failure = ""  # the first one

    async def run(self, port, clients, seconds):
        end = time.monotonic() + seconds
        await asyncio.gather(*(self._come_again(port, i * BETWEEN, end) for i in range(clients)))

    async def _come_again(self, port, first, end):
        await asyncio.sleep(first)
        while time.monotonic() < end:
            session = Session(port)
            try:
                await asyncio.wait_for(session.run(), SESSION_LIMIT)
                self.sessions += 1
                self.wrong += session.heard != list(range(session.sent))
            except (OSError, EOFError, asyncio.TimeoutError) as error:
                self.failed += 1
                self.failure = self.failure or f"{type(error).__name__} {error}"
            finally:
                session.close()
            self.sent += session.sent


class Session:
    def __init__(self, port):
        self.port = port
        self.connections = []
        self.sid = ""
        self.sent = 0
        self.heard = []  # numbers of the echoes, as they came
        self.probed = asyncio.Event()

    async def run(self):
        """As engine.io-client does: who has been probed ends its polls and its posts, and then says
        that the WebSocket is to be used."""
        poll = await self._connect()
        self.sid = "&sid=" + json.loads((await self._ask(poll, "GET"))[1:])["sid"]
        post = await self._connect()
        await self._ask(post, "POST", "40")
        polling = asyncio.create_task(self._poll(poll))
        posting = asyncio.create_task(self._post(post))
        try:
            await asyncio.sleep(POLLING * random.random())
            websocket = await self._probe()
            await asyncio.gather(polling, posting)
        finally:
            polling.cancel()
            posting.cancel()
        await self._speak(websocket)

    def close(self):
        for connection in self.connections:
            connection.close()

    async def _connect(self):
        connection = Stream(*await asyncio.open_connection(HOST, self.port))
        self.connections.append(connection)
        return connection

    async def _ask(self, connection, method, body=""):
        return await connection.ask(method, f"{PATH}polling{self.sid}", body)

    async def _poll(self, connection):
        while not self.probed.is_set():
            for packet in (await self._ask(connection, "GET")).split("\x1e"):
                self._hear(packet)

    async def _post(self, connection):
        while not self.probed.is_set():
            await self._ask(connection, "POST", self._next())
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.probed.wait(), 1)
        await self._ask(connection, "POST", self._next())  # its echo may come either way

    async def _probe(self):
        websocket = await self._connect()
        path = f"{PATH}websocket{self.sid}"
        websocket.writer.write(opening(path.encode()))
        await websocket.reader.readuntil(b"\r\n\r\n")
        websocket.send("2probe")
        if (answer := await websocket.receive()) != "3probe":
            raise ConnectionError(f"2probe was answered with {answer}")
        self.probed.set()
        return websocket

    async def _speak(self, websocket):
        websocket.send("5")
        for _ in range(AFTERWARDS):
            websocket.send(self._next())
        while len(self.heard) < self.sent:
            self._hear(await websocket.receive())
        websocket.send('42["echo","last"]')  # what came twice has come before it
        while not (packet := await websocket.receive()).startswith('42["echo","last"'):
            self._hear(packet)

    def _next(self):
        self.sent += 1
        return f'42["echo",{self.sent - 1}]'

    def _hear(self, packet):
        if echo := re.match(r'42\["echo",(\d+)', packet):  # and an offset, for its recovery
            self.heard.append(int(echo[1]))


class Stream:
    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    async def ask(self, method, target, body):
        self.writer.write(f"{method} {target} HTTP/1.1\r\nHost: a\r\n"
                          f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        size = re.search(r"(?i)content-length: (\d+)", head)
        answer = (await self.reader.readexactly(int(size[1]))).decode() if size else ""
        if not head.startswith("HTTP/1.1 200 "):
            raise ConnectionError(f"{method} was answered with {head.splitlines()[0]} {answer}")
        return answer

    def send(self, packet):
        self.writer.write(frame(0x81, packet.encode()))

    async def receive(self):
        """The next text, all of which are short."""
        first, size = await self.reader.readexactly(2)
        payload = await self.reader.readexactly(size)
        if first != 0x81:
            raise ConnectionError(f"a frame that begins with {first:02x}, and then {payload.hex()}")
        return payload.decode()

    def close(self):
        self.writer.close()


def change_transports(test, server, clients, seconds):
    """Nothing may be lost, doubled or out of order on the way to the WebSocket."""
    switches = Switches()
    asyncio.run(switches.run(server.port, clients, seconds))
    test.demand(switches.sessions >= clients and switches.failed + switches.wrong == 0,
                f"{switches.sessions} sessions changed to a WebSocket, demanded {clients}; of "
                f"{switches.sent} messages each was echoed once and in order, but for "
                f"{switches.wrong} sessions; {switches.failed} failed {switches.failure}".rstrip())

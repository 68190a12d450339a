"""Debian's python3-socketio as a client of the Socket.IO server, over each transport.

Usage: client.py URL TRANSPORT. Says what failed, and "N passed, N failed".
"""
import asyncio
import logging
import sys
import traceback

import engineio
import socketio

TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": None}
SECONDS = 10  # for anything that should happen
engineio.payload.Payload.max_decode_packets = 1000  # in a poll; 16 is little, and ends the session
logging.disable()  # of connections that its library forgets to close


class Peer(socketio.AsyncClient):
    """Keeps what it hears: a queue for each event."""

    def __init__(self, url, transport, *events, **options):
        super().__init__(**options)
        self.url = url
        self.transports = TRANSPORTS[transport]
        self.heard = {}
        for event in events:
            self.keep(event)

    def keep(self, event, namespace="/"):
        queue = self.heard[namespace, event] = asyncio.Queue()

        async def handle(*values):
            await queue.put(values)
        self.on(event, handle, namespace=namespace)

    async def join(self, **options):
        await self.connect(self.url, transports=self.transports, wait_timeout=SECONDS, **options)
        return self

    async def next(self, event, namespace="/"):
        return await asyncio.wait_for(self.heard[namespace, event].get(), SECONDS)


def equal(got, expected):
    assert got == expected, f"expected {expected!s:.300}, got {got!s:.300}"


async def says_who_it_is(make):
    peer = await make("auth").join(auth={"token": "abc", "n": 1})
    equal(await peer.next("auth"), ({"token": "abc", "n": 1},))
    equal(len(peer.get_sid()), 20)


async def echoes_texts_numbers_objects(make):
    peer = await make("message-back").join()
    values = (1, "2", {"3": [True, None, "ä€😀"]}, -0.5, 1e21, [""])
    await peer.emit("message", values)
    equal(await peer.next("message-back"), values)


async def echoes_bytes(make):
    peer = await make("message-back", "bytes").join()
    values = ({"deep": [b"\1\2\3", "x"]}, b"\7" * 100000, b"")
    await peer.emit("message", values)
    equal(await peer.next("message-back"), values)
    await peer.emit("bytes please")
    equal(await peer.next("bytes"), (b"\1\2\3", {"deep": [b"\7" * 100000]}, b""))


async def is_answered(make):
    peer = await make().join()
    equal(await peer.call("message-with-ack", (1, b"\0\xff", "x"), timeout=SECONDS),
          (1, b"\0\xff", "x"))
    equal(await peer.call("late", 200, timeout=SECONDS), "late")
    try:
        await peer.call("late", 2000, timeout=0.1)
        raise AssertionError("answered too early")
    except socketio.exceptions.TimeoutError:
        pass


async def answers(make):
    peer = make("answered")
    peer.on("question", lambda n: f"n{n}")
    await peer.join()
    await peer.emit("ask me", 2)
    equal([await peer.next("answered") for _ in range(2)], [(0, ["n0"]), (0, ["n1"])])


async def has_namespaces_on_one_connection(make):
    peer = make("message-back")
    for event in ("auth", "message-back"):
        peer.keep(event, "/custom")
    await peer.join(namespaces=["/", "/custom"], auth={"n": 2})
    equal(await peer.next("auth", "/custom"), ({"n": 2},))
    for namespace in ("/custom", "/"):
        await peer.emit("message", f"in {namespace}", namespace=namespace)
        equal(await peer.next("message-back", namespace), (f"in {namespace}",))


async def is_refused(make):
    for namespace, reason in (("/guarded", {"message": "not authorized",
                                            "data": {"why": "who are you?", "code": 7}}),
                              ("/unknown", {"message": "Invalid namespace"})):
        peer = make()
        peer.keep("connect_error", namespace)
        try:
            await peer.join(namespaces=[namespace])
            raise AssertionError("it was let in")
        except socketio.exceptions.ConnectionError:
            equal(await peer.next("connect_error", namespace), (reason,))
    await make().join(namespaces=["/guarded"], auth={"token": "open"})


async def is_sent_away(make):
    for close in (False, True):
        peer = await make("disconnect").join()
        await peer.emit("kick me", close)
        await peer.next("disconnect")


async def is_one_of_many_in_a_room(make):
    peers = [await make("said").join() for _ in range(3)]
    for peer in peers[:2]:
        equal(await peer.call("join", "red"), "joined")
    await peers[0].emit("say", ("red", "hello"))
    equal(await peers[1].next("said"), ("hello",))
    await peers[2].call("count")
    assert peers[2].heard["/", "said"].empty(), "it is not in the room"


async def gets_everything_in_order(make):
    peer = await make("number").join()
    for _ in range(20):
        await peer.emit("count up", 50)
        await asyncio.sleep(0.002)
    equal([(await peer.next("number"))[0] for _ in range(1000)], list(range(50)) * 20)


async def comes_again_when_its_server_was_killed(make):
    peer = await make("disconnect", "connect", "message-back", reconnection_delay=0.1).join()
    await peer.next("connect")
    before = peer.get_sid()
    await peer.emit("die")
    await peer.next("disconnect")
    await peer.next("connect")
    assert peer.get_sid() != before
    await peer.emit("message", "again")
    equal(await peer.next("message-back"), ("again",))


TESTS = (says_who_it_is, echoes_texts_numbers_objects, echoes_bytes, is_answered, answers,
         has_namespaces_on_one_connection, is_refused, is_sent_away, is_one_of_many_in_a_room,
         gets_everything_in_order, comes_again_when_its_server_was_killed)


async def passes(test, url, transport):
    peers = []

    def make(*events, **options):
        peers.append(Peer(url, transport, *events, **options))
        return peers[-1]
    try:
        await asyncio.wait_for(test(make), 60)
        return True
    except Exception:
        print(f"{test.__name__}: {traceback.format_exc()}")
        return False
    finally:
        for peer in peers:
            await peer.disconnect()


async def main():
    passed = sum([await passes(test, *sys.argv[1:3]) for test in TESTS])
    print(f"{passed} passed, {len(TESTS) - passed} failed")
    sys.exit(passed != len(TESTS))


asyncio.run(main())

"""permessage-deflate between Duplex and peers nobody here wrote, as server and as client: windows,
context takeover, and without it.

Usage: run.py INTEROP_MESSAGES WORK_FOLDER [NAME...]. Ends with "N passed, N failed".

The peer sends every message back; Duplex compares (tests/interop/messages.cc). A proxy between them
reads what was agreed on and inflates every message by zlib, so that nothing passes by being sent
plain, or with a window or a context that was not agreed on.
"""
import asyncio
import collections
import dataclasses
import os
import pathlib
import shutil
import sys

from wire import Agreement, Wire

HERE = pathlib.Path(__file__).parent
PYTHON = ["/usr/bin/python3", "-B"]
MESSAGE_COUNT = 28 + 60 + 3 + 60  # sizes and kinds, alike, in fragments, alike
SECONDS = 200


@dataclasses.dataclass(frozen=True)
class Way:
    """Windows in bits and context takeover: ours and the peer's. None: without compression."""
    bits: int = None
    keeps: bool = True
    peer_bits: int = None
    peer_keeps: bool = True

    @property
    def path(self):
        if not self.bits:
            return "/off"
        word = {True: "keep", False: "reset"}
        return f"/{self.bits}-{word[self.keeps]}/{self.peer_bits}-{word[self.peer_keeps]}"

    def agreement(self, role):
        """What is to be agreed on when we play this role."""
        if not self.bits:
            return None
        ours, theirs = (self.bits, self.keeps), (self.peer_bits, self.peer_keeps)
        return Agreement(*(ours + theirs if role == "server" else theirs + ours))


WAYS = [Way(),
        *(Way(bits, keeps, bits, keeps) for bits in range(9, 16) for keeps in (True, False)),
        Way(9, True, 15, False), Way(15, False, 9, True)]
# zlib cannot write with a window of 256 bytes, so these peers only read with it.
SMALLEST = [Way(8, True, 15, True), Way(8, False, 15, True)]


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    command: list
    role: str
    ways: list
    agrees: bool = True      # to permessage-deflate
    compresses: bool = True  # what it sends
    fragments: bool = True   # what it is asked to


def peers():
    node = ["node", HERE / "ws_peer.js"]
    websockets = [*PYTHON, HERE / "websockets_peer.py"]
    wsproto = [*PYTHON, HERE / "wsproto_peer.py"]
    browser = ["node", HERE.parent / "browser.js", shutil.which("chromium"), HERE / "echo.html"]
    everything, plain = WAYS + SMALLEST, [Way(15, True, 15, True)]
    for role in "client", "server":
        yield Peer("npm ws", [*node, "deflate"], role, everything)
        yield Peer("npm ws, told not to", [*node, "plain"], role, plain, agrees=False)
        yield Peer("python3-websockets", [*websockets, "deflate"], role, everything)
        yield Peer("python3-websockets, told not to", [*websockets, "plain"], role, plain,
                   agrees=False)
        yield Peer("python3-wsproto", wsproto, role, WAYS)
    yield Peer("undici", ["node", HERE / "undici_peer.js"], "client", everything, compresses=False,
               fragments=False)
    yield Peer("Chromium", browser, "client", everything, fragments=False)


# --- What is to be seen on the wire ---------------------------------------------------------------
def judge_side(side, keeps, compresses, fragment_count):
    """One sender's messages. `keeps` is None when nothing was agreed on."""
    assert not side.problem, f"zlib: {side.problem}"
    assert len(side.messages) == MESSAGE_COUNT, f"{len(side.messages)} messages"
    fragmented = sum(message.fragments > 1 for message in side.messages)
    assert fragmented >= fragment_count, f"{fragmented} fragmented messages"
    compressed = [message for message in side.messages if message.compressed]
    if keeps is None or not compresses:
        assert not compressed, f"{len(compressed)} compressed messages"
        return
    # Three large sizes that compress, as text and binary; and records which are much alike.
    shrunk = sum(m.size > 60000 and m.payload * 4 < m.size for m in compressed)
    assert shrunk >= 6, f"{shrunk} of the large messages are compressed"
    referring = sum(not m.alone for m in compressed if 50 < m.size < 150)
    assert referring >= 100 if keeps else referring == 0, f"{referring} refer to earlier ones"


def judge(conversation, way, peer):
    agreement = conversation.agreement
    role = "client" if peer.role == "server" else "server"
    meant = way.agreement(role) if peer.agrees else None
    assert agreement == meant, f"agreed on {agreement} instead of {meant} ({conversation.offer})"
    ours, theirs = conversation.server, conversation.client
    if role == "client":
        ours, theirs = theirs, ours
    judge_side(ours, way.keeps if meant else None, True, 3)
    judge_side(theirs, way.peer_keeps if meant else None, peer.compresses,
               3 if peer.fragments else 0)


# --- Programs -------------------------------------------------------------------------------------
async def start(*command):
    return await asyncio.create_subprocess_exec(*map(str, command), stdin=asyncio.subprocess.PIPE,
                                                stdout=asyncio.subprocess.PIPE,
                                                stderr=asyncio.subprocess.STDOUT)


async def talk(server_command, client_command, ways):
    """A server, and a client that goes through a proxy: what both printed, what the proxy saw."""
    children = [await start(*server_command)]
    server = children[0]
    try:
        port = int(await server.stdout.readline())
        async with Wire(port) as wire:
            client = await start(*client_command(f"ws://127.0.0.1:{wire.port}", ways))
            children.append(client)
            said = (await client.communicate())[0]
            server.stdin.close()
            said += await server.stdout.read()
            statuses = (await server.wait(), client.returncode)
        return statuses, said.decode(), wire.conversations
    finally:
        for child in children:
            if child.returncode is None:
                child.terminate()  # the browser's starter ends the browser
                await child.wait()


def client_of(peer):
    def command(base, ways):
        urls = [base + way.path for way in ways]
        if peer.name == "Chromium":
            return [*peer.command, "&".join("url=" + url for url in urls)]
        return [*peer.command, "connect", *urls]
    return command


async def converse(peer, program):
    if peer.role == "client":
        return await talk([program, "serve"], client_of(peer), peer.ways)
    ours = Peer("", [program], "client", peer.ways)
    return await talk([*peer.command, "serve"], client_of(ours), peer.ways)


async def check(peer, program, turns):
    """The problems, by way."""
    async with turns:
        statuses, said, seen = await asyncio.wait_for(converse(peer, program), SECONDS)
    problems = []
    lines = collections.Counter(said.splitlines())
    if statuses != (0, 0) or [c.path for c in seen] != [way.path for way in peer.ways]:
        problems.append(f"ended with {statuses} after {len(seen)} connections; they said: {said}")
    for way, conversation in zip(peer.ways, seen):
        try:
            assert lines[f"{way.path} ok"] == 1, "messages did not all come back"
            judge(conversation, way, peer)
        except AssertionError as error:
            problems.append(f"{way.path}: {error}")
    return problems


async def main(program, work, *names):
    os.environ["NODE_PATH"] = str(pathlib.Path(work, "node_modules").resolve())
    turns = asyncio.Semaphore(os.cpu_count() or 1)
    known = list(dict.fromkeys(peer.name for peer in peers()))
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no such peer: {unknown[0]}; there are {'; '.join(known)}")
        return 2
    chosen = [peer for peer in peers() if not names or peer.name in names]
    failed = 0

    async def report(peer):
        nonlocal failed
        try:
            problems = await check(peer, program, turns)
        except Exception as error:
            problems = [repr(error)]
        failed += bool(problems)
        word = "FAILED " if problems else "ok     "
        print(f"{word} permessage-deflate, {peer.name}, {peer.role}: {len(peer.ways)} ways",
              *problems, sep="\n        ", flush=True)

    await asyncio.gather(*map(report, chosen))
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))

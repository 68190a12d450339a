"""Debian's python3-websockets as a client of the server."""
import asyncio
import os
import sys

import websockets

SIZES = [0, 1, 125, 126, 65535, 65536, 1 << 20]


async def main(base):
    async with websockets.connect(base + "/echo", subprotocols=["chat"], max_size=None) as peer:
        assert peer.subprotocol == "chat"
        for size in SIZES:
            data = os.urandom(size)
            await peer.send(data)
            assert await peer.recv() == data, f"binary of {size} bytes"
            text = "ä€😀x" * (size // 10)
            await peer.send(text)
            assert await peer.recv() == text, f"text of {size} bytes"
        await peer.send(["in ", "three ", "pieces"])
        assert await peer.recv() == "in three pieces"
        await asyncio.wait_for(await peer.ping(b"are you there"), 5)
    assert peer.close_code == 1000
    async with websockets.connect(base + "/close") as peer:
        await peer.send("close, please")
        await peer.wait_closed()
        assert (peer.close_code, peer.close_reason) == (4321, "as you wish")


asyncio.run(main(sys.argv[1]))

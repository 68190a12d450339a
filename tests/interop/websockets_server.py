"""Debian's python3-websockets as a server for our client: echoes, and prints its port.

Compresses if told "deflate"."""
import asyncio
import sys

import websockets


async def echo(peer, _path=None):
    async for message in peer:
        await peer.send(message)


async def main():
    compression = "deflate" if "deflate" in sys.argv else None
    async with websockets.serve(echo, "127.0.0.1", 0, compression=compression) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())

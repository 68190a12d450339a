"""Debian's python3-websockets as a server for our client: echoes, and prints its port."""
import asyncio
import sys

import websockets


async def echo(peer, _path=None):
    async for message in peer:
        await peer.send(message)


async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())

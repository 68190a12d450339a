"""Debian's python3-websockets sends every message back, in three fragments if it begins with "~".

Usage: websockets_peer.py deflate|plain serve | connect URL...
"""
import asyncio
import sys

import websockets
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory


async def echo(peer, _path=None):
    async for message in peer:
        third = len(message) // 3
        pieces = [message[:third], message[third:2 * third], message[2 * third:]]
        await peer.send(pieces if message[:1] in ("~", b"~") else message)


async def serve(options):
    if options["compression"]:  # what is offered; by itself it has windows of 4 KiB at most
        options = {**options, "extensions": [ServerPerMessageDeflateFactory()]}
    async with websockets.serve(echo, "127.0.0.1", 0, **options) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def connect(urls, options):
    for url in urls:
        async with websockets.connect(url, **options) as peer:
            await echo(peer)


def main(compression, role, *urls):
    options = {"compression": "deflate" if compression == "deflate" else None, "max_size": 1 << 24}
    asyncio.run(serve(options) if role == "serve" else connect(urls, options))


main(*sys.argv[1:])

"""Debian's python3-socketio as a server: the events of ../socketio_server.cc.

Usage: server.py PORT. Prints its port; ends with its stdin. What it emits while a client connects
comes before its answer that the client is connected.
"""
import asyncio
import os
import signal
import subprocess
import sys

import socketio
from aiohttp import web

io = socketio.AsyncServer(async_mode="aiohttp", ping_interval=1, ping_timeout=1.5)
seen = {}
counting = asyncio.Lock()


def on(nsp="/"):
    """Of a function `kick_me` the event is "kick me"; a last argument `answer` is not there."""
    def add(function):
        io.on(function.__name__.replace("_", " "), function, namespace=nsp)
        return function
    return add


@io.on("connect", namespace="/guarded")
async def guarded(_sid, _environ, auth=None):
    if (auth or {}).get("token") != "open":
        raise socketio.exceptions.ConnectionRefusedError(
            "not authorized", {"why": "who are you?", "code": 7})


def echo(nsp):
    @io.on("connect", namespace=nsp)
    async def connect(sid, _environ, auth=None):
        await io.emit("auth", auth or {}, to=sid, namespace=nsp)

    @io.on("message", namespace=nsp)
    async def message(sid, *values):
        await io.emit("message-back", values, to=sid, namespace=nsp)

    @io.on("message-with-ack", namespace=nsp)
    async def message_with_ack(_sid, *values):
        return values


echo("/")
echo("/custom")


@on()
async def join(sid, room):
    io.enter_room(sid, room)
    return "joined"


@on()
async def say(sid, room, text):
    await io.emit("said", text, room=room, skip_sid=sid)


@on()
async def count(_sid):
    return len(list(io.manager.get_participants("/", None)))


async def ask(sid, number):
    try:
        values = await io.call("question", number, to=sid, timeout=1)
        await io.emit("answered", (0, [values]), to=sid)
    except socketio.exceptions.TimeoutError:
        await io.emit("answered", (1, []), to=sid)


@on()
async def ask_me(sid, number):
    for i in range(number):
        io.start_background_task(ask, sid, i)


@on()
async def count_up(sid, number):
    async with counting:  # handlers are tasks, beside one another
        for i in range(number):
            await io.emit("number", i, to=sid)


@on()
async def bytes_please(sid):
    await io.emit("bytes", (b"\1\2\3", {"deep": [b"\7" * 100000]}, b""), to=sid)


@on()
async def late(_sid, time):
    await asyncio.sleep(time / 1000)
    return "late"


@on()
async def again(sid, key):
    seen[key] = seen.get(key, 0) + 1
    while seen[key] == 1:  # who asks for the second time is answered
        await asyncio.sleep(3600)
    return seen[key]


@on()
async def lose_once(sid, key):
    if key in seen:
        return "kept"
    seen[key] = 1
    await drop_me(sid)
    return None


@on()
async def kick_me(sid, _close):
    await io.disconnect(sid)


@on()
async def drop_me(sid):
    await io.eio.disconnect(io.manager.eio_sid_from_sid(sid, "/"))


@on()
async def die(_sid):
    os.kill(os.getpid(), signal.SIGKILL)


@on()
async def freeze(_sid):
    with subprocess.Popen(["sh", "-c", f"sleep 4; kill -CONT {os.getpid()}"]):
        os.kill(os.getpid(), signal.SIGSTOP)


async def main():
    app = web.Application()
    io.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", int(sys.argv[1]))
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())

#!/usr/bin/env python3
"""Socket.IO between Duplex and peers that others wrote, over each transport.

Usage: run.py SOCKETIO_SERVER NPM_FOLDER [NAME...]
NAME: only rows whose names have it in them. Ends with "N passed, N failed".
"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TRANSPORTS = ("polling", "websocket", "upgrade")


class Program:
    """A server that prints its port and ends with its stdin."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=20)


def rows(server, npm):
    """Name, server and client of each row of the matrix."""
    def client(program, *arguments):
        return ["node", os.path.join(HERE, program), "http://127.0.0.1:{port}", *arguments]

    for transport in TRANSPORTS:
        yield f"npm socket.io-client 4, {transport}", [server], client("client.js", transport)
    for transport in TRANSPORTS:
        yield (f"npm socket.io-msgpack-parser, {transport}", [server, "msgpack"],
               client("client.js", transport, "msgpack"))
    for transport in TRANSPORTS:
        yield f"npm socket.io-client 2, {transport}", [server], client("client2.js", transport)
        yield (f"npm socket.io-client 2, {transport}, Base64", [server],
               client("client2.js", transport, "base64"))
    folders = [os.path.join(npm, "node_modules/socket.io-client/dist"), os.path.join(HERE, "page")]
    for parser in ("text", "msgpack"):
        yield (f"Chromium, socket.io-client 4, {parser}", [server, parser, *folders],
               ["node", os.path.join(HERE, "browser.js"), shutil.which("chromium") or "chromium",
                f"http://127.0.0.1:{{port}}/page/index.html?parser={parser}"])


def run(name, server, client, npm):
    environment = dict(os.environ, NODE_PATH=os.path.join(npm, "node_modules"))
    with Program(server) as program:
        command = [part.replace("{port}", str(program.port)) for part in client]
        result = subprocess.run(command, env=environment, timeout=120, check=False, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    passed = result.returncode == 0
    print(("ok      " if passed else "FAILED  ") + name)
    if not passed:
        print("".join("        " + line + "\n" for line in result.stdout.splitlines()), end="")
    return passed


def main():
    server, npm, *names = sys.argv[1:]
    wanted = [row for row in rows(os.path.abspath(server), os.path.abspath(npm))
              if not names or any(name in row[0] for name in names)]
    passed = sum(run(*row, os.path.abspath(npm)) for row in wanted)
    print(f"{passed} passed, {len(wanted) - passed} failed")
    return 0 if passed == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())

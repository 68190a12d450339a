#!/usr/bin/env python3
"""Socket.IO between Duplex and peers that others wrote, over each transport.

Usage: run.py SOCKETIO_SERVER SOCKETIO_CLIENT NPM_FOLDER [NAME...]
NAME: only rows whose names have it in them. Ends with "N passed, N failed".
"""
import os
import shutil
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TRANSPORTS = ("polling", "websocket", "upgrade")
URL = "http://127.0.0.1:{port}"
DOWN = 0.8  # seconds between the death of a server and its next life


class Program:
    """A server that prints its port and ends with its stdin. When it is killed it is started again,
    on the same port."""

    def __init__(self, command, environment):
        self.command = command
        self.environment = environment
        self.ending = False
        self.port = 0
        self.start()
        self.guard = threading.Thread(target=self.keep_alive)
        self.guard.start()

    def start(self):
        command = [part.replace("{port}", str(self.port)) for part in self.command]
        self.process = subprocess.Popen(command, env=self.environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def keep_alive(self):
        while self.process.wait() < 0 and not self.ending:
            time.sleep(DOWN)
            if not self.ending:
                self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ending = True
        self.process.stdin.close()
        self.guard.join(timeout=20)


def script(name, *arguments):
    interpreter = "node" if name.endswith(".js") else "/usr/bin/python3"
    return [interpreter, os.path.join(HERE, name), *arguments]


def rows_of_our_client(server, client, transport):
    for name, program, kind, parser in (
            ("npm socket.io 4", script("server.js", "{port}", "text"), "npm", "text"),
            ("npm socket.io 4 with msgpack", script("server.js", "{port}", "msgpack"), "npm",
             "msgpack"),
            ("python3-socketio", script("server.py", "{port}"), "python", "text"),
            ("our server", [server, "{port}"], "duplex", "text"),
            ("our server with msgpack", [server, "{port}", "msgpack"], "duplex", "msgpack")):
        yield (f"our client, {name}, {transport}", program,
               [client, URL, kind, parser, transport])


def rows_of_other_clients(server, transport):
    """Before our server."""
    ours = [server, "{port}"]
    for name, parser, client in (
            ("npm socket.io-client 4", "text", script("client.js", URL, transport)),
            ("npm socket.io-msgpack-parser", "msgpack",
             script("client.js", URL, transport, "msgpack")),
            ("npm socket.io-client 2", "text", script("client2.js", URL, transport)),
            ("npm socket.io-client 2, Base64", "text",
             script("client2.js", URL, transport, "base64")),
            ("python3-socketio", "text", script("client.py", URL, transport))):
        yield f"{name}, our server, {transport}", [*ours, parser], client


def rows_of_browsers(server, npm):
    folders = [os.path.join(npm, "node_modules/socket.io-client/dist"), os.path.join(HERE, "page")]
    for parser in ("text", "msgpack"):
        yield (f"Chromium, socket.io-client 4, {parser}", [server, "{port}", parser, *folders],
               script("browser.js", shutil.which("chromium") or "chromium",
                      f"{URL}/page/index.html?parser={parser}"))


def rows(server, client, npm):
    """Name, server and client of each row of the matrix."""
    for transport in TRANSPORTS:
        yield from rows_of_our_client(server, client, transport)
        yield from rows_of_other_clients(server, transport)
        # Neither is ours: what fails here as well is the test's.
        yield (f"npm socket.io-client 4, npm socket.io 4, {transport}",
               script("server.js", "{port}", "text"), script("client.js", URL, transport))
    yield from rows_of_browsers(server, npm)


def run(name, server, client, npm):
    environment = dict(os.environ, NODE_PATH=os.path.join(npm, "node_modules"))
    with Program(server, environment) as program:
        command = [part.replace("{port}", str(program.port)) for part in client]
        result = subprocess.run(command, env=environment, timeout=240, check=False, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = result.stdout.splitlines()
    passed = result.returncode == 0
    print(": ".join([("ok      " if passed else "FAILED  ") + name, *lines[-1:]]), flush=True)
    if not passed:
        print("".join("        " + line + "\n" for line in lines[:-1]), end="")
    return passed


def main():
    server, client, npm, *names = sys.argv[1:]
    paths = [os.path.abspath(path) for path in (server, client, npm)]
    wanted = [row for row in rows(*paths)
              if not names or any(name in row[0] for name in names)]
    passed = sum(run(*row, os.path.abspath(npm)) for row in wanted)
    print(f"{passed} passed, {len(wanted) - passed} failed")
    return 0 if passed == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())

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


def rows(server, client, npm):
    """Name, server and client of each row of the matrix."""
    ours = [server, "{port}"]
    url = "http://127.0.0.1:{port}"
    for transport in TRANSPORTS:
        for name, program, kind, parser in (
                ("npm socket.io 4", script("server.js", "{port}", "text"), "npm", "text"),
                ("npm socket.io 4 with msgpack", script("server.js", "{port}", "msgpack"), "npm",
                 "msgpack"),
                ("python3-socketio", script("server.py", "{port}"), "python", "text"),
                ("our server", ours, "duplex", "text")):
            yield (f"our client, {name}, {transport}", program,
                   [client, url, kind, parser, transport])
        yield f"npm socket.io-client 4, our server, {transport}", ours, script("client.js", url,
                                                                               transport)
        yield f"python3-socketio client, our server, {transport}", ours, script("client.py", url,
                                                                                transport)
        # Neither is ours: what fails here as well is the test's.
        yield f"npm socket.io-client 4, npm socket.io 4, {transport}", script(
            "server.js", "{port}", "text"), script("client.js", url, transport)
    yield from rows_of_others(server, npm, url)


def rows_of_others(server, npm, url):
    """Our server with other parsers, older clients, and a browser."""
    for transport in TRANSPORTS:
        yield (f"npm socket.io-msgpack-parser, {transport}", [server, "{port}", "msgpack"],
               script("client.js", url, transport, "msgpack"))
    for transport in TRANSPORTS:
        old = [server, "{port}"]
        yield f"npm socket.io-client 2, {transport}", old, script("client2.js", url, transport)
        yield (f"npm socket.io-client 2, {transport}, Base64", old,
               script("client2.js", url, transport, "base64"))
    folders = [os.path.join(npm, "node_modules/socket.io-client/dist"), os.path.join(HERE, "page")]
    for parser in ("text", "msgpack"):
        yield (f"Chromium, socket.io-client 4, {parser}", [server, "{port}", parser, *folders],
               script("browser.js", shutil.which("chromium") or "chromium",
                      f"{url}/page/index.html?parser={parser}"))


def run(name, server, client, npm):
    environment = dict(os.environ, NODE_PATH=os.path.join(npm, "node_modules"))
    with Program(server, environment) as program:
        command = [part.replace("{port}", str(program.port)) for part in client]
        result = subprocess.run(command, env=environment, timeout=240, check=False, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = result.stdout.splitlines() or ["it said nothing"]
    passed = result.returncode == 0
    print(("ok      " if passed else "FAILED  ") + name + ": " + lines[-1], flush=True)
    if not passed:
        print("".join("        " + line + "\n" for line in lines[:-1]), end="")
    return passed


def main():
    server, client, npm, *names = sys.argv[1:]
    wanted = [row for row in rows(*map(os.path.abspath, (server, client, npm)))
              if not names or any(name in row[0] for name in names)]
    passed = sum(run(*row, os.path.abspath(npm)) for row in wanted)
    print(f"{passed} passed, {len(wanted) - passed} failed")
    return 0 if passed == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())

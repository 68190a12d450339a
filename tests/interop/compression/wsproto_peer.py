"""Debian's python3-wsproto sends every message back, in three fragments if it begins with "~".

Usage: wsproto_peer.py serve | connect URL...
"""
import socket
import sys
import threading
import urllib.parse

from wsproto import ConnectionType, WSConnection
from wsproto.events import (AcceptConnection, BytesMessage, CloseConnection, Ping, Request,
                            TextMessage)
from wsproto.extensions import PerMessageDeflate


def echo(protocol, kind, message):
    """The bytes that send it back."""
    if message[:1] not in ("~", b"~"):
        return protocol.send(kind(data=message))
    third = len(message) // 3
    pieces = [message[:third], message[third:2 * third], message[2 * third:]]
    return b"".join(protocol.send(kind(data=piece, message_finished=i == 2))
                    for i, piece in enumerate(pieces))


class Talk:
    """One connection, from the first byte to the last."""

    def __init__(self, stream, role):
        self.stream = stream
        self.protocol = WSConnection(role)
        self.pieces = []

    def run(self):
        while True:
            data = self.stream.recv(1 << 18)
            self.protocol.receive_data(data or None)
            for event in self.protocol.events():
                self.stream.sendall(self.answer(event))
                if isinstance(event, CloseConnection):
                    return

    def answer(self, event):
        if isinstance(event, Request):
            accept = AcceptConnection(extensions=[PerMessageDeflate()])
            return self.protocol.send(accept)
        if isinstance(event, (Ping, CloseConnection)):
            return self.protocol.send(event.response())
        if not isinstance(event, (TextMessage, BytesMessage)):
            return b""
        self.pieces.append(event.data)
        if not event.message_finished:
            return b""
        message = self.pieces[0][:0].join(self.pieces)
        self.pieces.clear()
        return echo(self.protocol, type(event), message)


def connect(url):
    parts = urllib.parse.urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as stream:
        talk = Talk(stream, ConnectionType.CLIENT)
        request = Request(host=parts.netloc, target=parts.path, extensions=[PerMessageDeflate()])
        stream.sendall(talk.protocol.send(request))
        talk.run()


def serve():
    def accept():
        while True:
            with listener.accept()[0] as stream:
                Talk(stream, ConnectionType.SERVER).run()

    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


def main(role, *urls):
    if role == "serve":
        serve()
    for url in urls:
        connect(url)


main(*sys.argv[1:])

"""A client of bare bytes over TLS, and the answers in what comes back."""
import re
import socket

from fronts import HOST

STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})[^\r\n]*\r\n")
HANG_SECONDS = 20  # nothing takes so long; it is what a test that hangs costs


def connect(port, context=None, source=HOST):
    plain = socket.create_connection((HOST, port), HANG_SECONDS, (source, 0))
    return plain if context is None else context.wrap_socket(plain, server_hostname=HOST)


def read_until(peer, pattern, received=b""):
    """All bytes up to those in which `pattern` is found."""
    while not re.search(pattern, received):
        piece = peer.recv(65536)
        if not piece:
            raise EOFError(f"ended after {received[-300:]!r}, without {pattern!r}")
        received += piece
    return received


def request(method, path, fields=(), body=b""):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *fields]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def ask(port, context, path, method="GET", fields=(), body=b"", source=HOST):
    """Status and body of one answer on a connection of its own."""
    with connect(port, context, source) as peer:
        peer.sendall(request(method, path, (*fields, "Connection: close"), body))
        received = b""
        while piece := peer.recv(65536):
            received += piece
    answers = Answers(received)
    if len(answers.statuses) != 1:
        raise AssertionError(f"{len(answers.statuses)} answers to {path}: {received[:300]!r}")
    return answers.statuses[0], answers.bodies[0]


class Answers:
    """The final answers in a stream of bytes, RFC 9112 section 6; 1xx are passed over, and 101 is
    the last one."""

    def __init__(self, received, to_head=False):
        self.statuses = []
        self.bodies = []
        self.rest = received
        while self.rest and self._take(to_head):
            pass

    def _take(self, to_head):
        head, separator, rest = self.rest.partition(b"\r\n\r\n")
        line = STATUS.match(head + b"\r\n")
        if not line or not separator:
            return False
        status = int(line[1])
        self.rest = rest
        if status < 200 and status != 101:
            return True
        bodiless = to_head or status in (101, 204, 304)
        body = b"" if bodiless else self._body(head.lower() + b"\r\n")
        self.statuses.append(status)
        self.bodies.append(body)
        return status != 101 and body is not None

    def _body(self, head):
        """None when it is not complete."""
        if b"\r\ntransfer-encoding: chunked\r\n" in head:
            return self._chunks()
        length = re.search(rb"\r\ncontent-length: (\d+)\r\n", head)
        size = int(length[1]) if length else len(self.rest)
        body, self.rest = self.rest[:size], self.rest[size:]
        return body if len(body) == size else None

    def _chunks(self):
        body = b""
        while True:
            line, separator, rest = self.rest.partition(b"\r\n")
            if not separator:
                return None
            size = int(line.split(b";")[0], 16)
            if len(rest) < size + 2:
                return None
            body += rest[:size]
            self.rest = rest[size + 2:]
            if size == 0:
                return body

#!/usr/bin/env python3
"""One side of a conversation over a link. Usage: peer.py WHAT-server|WHAT-client ADDRESS PORT N"""

import json
import socket
import statistics
import struct
import sys
import time


def listen(address, port):
    """Also what tells that this side is ready."""
    listener = socket.create_server((address, port))
    return listener


def udp_server(address, port):
    """Sends every datagram back."""
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind((address, port))
    listener = listen(address, port)
    while True:
        data, peer = datagrams.recvfrom(65536)
        datagrams.sendto(data, peer)


rtt_server = udp_server


def burst_server(address, port):
    """Counts datagrams, and says how many there were when asked."""
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind((address, port))
    listener = listen(address, port)
    peer = listener.accept()[0]
    peer.recv(1)
    datagrams.setblocking(False)
    count = 0
    try:
        while datagrams.recv(65536):
            count += 1
    except BlockingIOError:
        peer.sendall(str(count).encode())
    time.sleep(60)


def tcp_server(address, port):
    """Counts the bytes of each connection, and answers with the number."""
    listener = listen(address, port)
    while True:
        peer = listener.accept()[0]
        count = 0
        while data := peer.recv(65536):
            count += len(data)
        peer.sendall(str(count).encode())
        peer.close()


def udp_client(address, port, count):
    """Numbered datagrams, one after the other; a missing echo is not waited for for long."""
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.connect((address, port))
    numbers, received = set(), 0
    for i in range(count + 100):
        if i < count:
            datagrams.send(struct.pack("!I", i))
        datagrams.settimeout(0.0005 if i < count else 0.01)
        try:
            while True:
                numbers.add(struct.unpack("!I", datagrams.recv(4))[0])
                received += 1
        except TimeoutError:
            pass
    return {"echoed": len(numbers), "received": received, "numbers": sorted(numbers)}


def rtt_client(address, port, count):
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.connect((address, port))
    times = []
    for _ in range(count):
        start = time.monotonic()
        datagrams.send(b"x")
        datagrams.recv(4)
        times.append(1000 * (time.monotonic() - start))
    return {"least": min(times), "median": statistics.median(times)}


def burst_client(address, port, count):
    peer = socket.create_connection((address, port))
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.connect((address, port))
    for _ in range(count):
        datagrams.send(bytes(1000))
    time.sleep(1)
    peer.sendall(b"?")
    return {"received": int(peer.recv(100))}


def tcp_client(address, port, count):
    peer = socket.create_connection((address, port), timeout=50)
    peer.sendall(bytes(count))
    peer.shutdown(socket.SHUT_WR)
    return {"bytes": int(peer.recv(100))}


def main():
    what, address, port = sys.argv[1].replace("-", "_"), sys.argv[2], int(sys.argv[3])
    result = globals()[what](address, port, *map(int, sys.argv[4:]))
    print(json.dumps(result))


main()

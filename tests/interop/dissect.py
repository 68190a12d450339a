"""What Wireshark makes of the captures of `duplex trace`. Usage: dissect.py DUPLEX FOLDER"""

import os
import subprocess
import sys

FIELDS = ["frame.protocols", "tcp.checksum.status", "ip.checksum.status", "frame.comment",
          "websocket.opcode", "websocket.payload.text", "http.response.code", "websocket.pmc"]
GOOD = "1"
LONG = "long enough to be compressed: " + "the same again and again, " * 5


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def dissect(path):
    """A dictionary of fields for each packet."""
    checked = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    chosen = [word for field in FIELDS for word in ("-e", field)]
    lines = output_of("tshark", "-r", path, *checked, "-T", "fields", *chosen).splitlines()
    return [dict(zip(FIELDS, line.split("\t"))) for line in lines]


def serious_of(path):
    """Packets in which the dissectors see an error."""
    return output_of("tshark", "-r", path, "-Y", '_ws.expert.severity == "Error"')


def require(condition, what):
    if not condition:
        raise AssertionError(what)


def words_of(packets):
    return [packet["websocket.payload.text"] for packet in packets
            if packet["websocket.payload.text"]]


def opcodes_of(packets):
    return [packet["websocket.opcode"] for packet in packets if packet["websocket.opcode"]]


def check_packets(packets):
    require(all(packet["tcp.checksum.status"] == GOOD for packet in packets), "TCP checksums")
    require(all(packet["ip.checksum.status"] in (GOOD, "") for packet in packets), "IP checksums")
    require(all(packet["frame.comment"].startswith("L4 ") for packet in packets), "comments")
    require("101" in [packet["http.response.code"] for packet in packets], "the answer")
    require(any("Sec-WebSocket-Accept ✓" in packet["frame.comment"] for packet in packets),
            "the derivation")
    text, ping, pong, close = "1", "9", "10", "8"
    require(opcodes_of(packets) == [text] * 4 + [ping, pong, close, close], opcodes_of(packets))


def told(duplex, path):
    return output_of(duplex, "trace", "--no-color", "--bytes", "1KiB", "--from", path)


def check(duplex, path, *options):
    live = output_of(duplex, "trace", "--no-color", "-o", path, "--send", "one", "--send", LONG,
                     *options)
    packets = dissect(path)
    check_packets(packets)
    require(words_of(packets) == ["one", "one", LONG, LONG], words_of(packets))
    compressed = [packet["websocket.payload.text"] for packet in packets
                  if packet["websocket.pmc"] in ("1", "True")]
    require(compressed == ([LONG] * 2 if "--deflate" in options else []), compressed)
    require(serious_of(path) == "", serious_of(path))
    require(len(packets) >= 15, packets)
    again = told(duplex, path)
    require("Sec-WebSocket-Accept ✓" in again and f'"{LONG}"' in again, again)
    require("CLOSE  1000" in live and live.count("TEXT  ") == again.count("TEXT  "), again)


def main(duplex, folder):
    path = os.path.join(folder, "story.pcapng")
    check(duplex, path)
    check(duplex, path, "--deflate")
    server = subprocess.Popen([duplex, "serve", "--host", "::1", "--port", "0"], text=True,
                              stdout=subprocess.PIPE)
    try:
        port = server.stdout.readline().strip().rstrip("/").rsplit(":", 1)[1]
        check(duplex, path, f"ws://[::1]:{port}/echo")
    finally:
        server.terminate()
        server.communicate()


if __name__ == "__main__":
    main(*sys.argv[1:])

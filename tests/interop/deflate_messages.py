"""Messages for interop_deflate, and what stands around them."""
import random
import struct
import subprocess

TAIL = b"\x00\x00\xff\xff"


def frame(messages):
    return b"".join(struct.pack("<I", len(m)) + m for m in messages)


def unframe(data):
    messages = []
    while data:
        size, = struct.unpack_from("<I", data)
        messages.append(data[4:4 + size])
        data = data[4 + size:]
    return messages


def run(program, *arguments, messages):
    done = subprocess.run([program, *map(str, arguments)], input=frame(messages),
                          stdout=subprocess.PIPE, check=True)
    return unframe(done.stdout)


def make_messages():
    """Text, runs, noise, far matches, all bytes, nothing; and some of it again."""
    chance = random.Random(1)
    words = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(800)]

    def text(count):
        return " ".join(words[int(800 * chance.random() ** 2)] for _ in range(count)).encode()

    def noise(size):
        return chance.randbytes(size)

    far = bytearray(noise(32000))
    while len(far) < 60000:
        start = len(far) - 31000 + chance.randrange(4000)
        far += far[start:start + chance.randint(3, 6)]
    again = text(300)
    return [b"", b"a", again, bytes(range(256)) * 3, b"x" * 70000, noise(20000), again,
            text(8000), bytes(far), noise(300) + text(3000) + noise(300), b"", again,
            b"".join(text(5) + noise(3) for _ in range(500)), noise(66000) + text(100)]

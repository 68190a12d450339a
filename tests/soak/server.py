"""The servers under load, and what the kernel says of their memory and CPU."""

import os
import signal
import subprocess
import threading
import time
import urllib.request

KIB = 1024
PAGE = os.sysconf("SC_PAGESIZE")


class Server:
    """One or more `duplex serve` that share a port."""

    running = []  # which nobody has stopped yet

    def __init__(self, duplex, processes=1, host="127.0.0.1", arguments=(), descriptors=None):
        self.processes = []
        self.port = 0
        self.running.append(self)
        for _ in range(processes):
            command = [duplex, "serve", "--host", host, "--port", str(self.port)]
            command += ["--reuse-port"]
            if descriptors:
                command = ["sh", "-c", f'ulimit -n {descriptors}; exec "$@"', "sh"] + command
            process = subprocess.Popen(command + list(arguments), stdout=subprocess.PIPE, text=True)
            self.processes.append(process)
            self.port = int(process.stdout.readline().rsplit(":", 1)[1])
        self.descriptors_at_first = self.descriptors()

    @property
    def pid(self):
        return self.processes[0].pid

    def resident(self):
        return sum(resident_size(process.pid) for process in self.processes)

    def cpu(self):
        return sum(cpu_seconds(process.pid) for process in self.processes)

    def descriptors(self):
        return sum(len(os.listdir(f"/proc/{process.pid}/fd")) for process in self.processes)

    def wake_ups(self):
        """How often it has gone to sleep: without peers, once for each timer."""
        return sum(sleeps_of(process.pid) for process in self.processes)

    def metrics(self):
        """What a server of one process counts, by name. The question is one of its connections."""
        url = f"http://127.0.0.1:{self.port}/metrics"
        with urllib.request.urlopen(url, timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        samples = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name.removeprefix("duplex_"): float(value) for name, value in samples}

    def terminate(self):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)

    def is_running(self):
        return all(process.poll() is None for process in self.processes)

    def wait(self):
        """Exit codes. Those of a sanitizer's report are not 0."""
        self.running.remove(self)
        return [process.wait(timeout=30) for process in self.processes]

    def kill(self):
        self.running.remove(self)
        for process in self.processes:
            process.kill()
            process.wait()


class Meanwhile:
    """What runs beside the rest, from beginning to end of a `with`: run(), until `over`."""

    def __init__(self):
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


class MemoryWatch(Meanwhile):
    """Looks at a server's memory ten times a second."""

    def __init__(self, server):
        super().__init__()
        self.server = server
        self.samples = []

    def run(self):
        while not self.over.wait(0.1):
            self.samples.append((time.monotonic(), self.server.resident()))

    def peak(self):
        """Bytes."""
        return max(size for _, size in self.samples)

    def growth(self):
        """Bytes that came on meanwhile, by the straight line that fits all samples best."""
        times, sizes = zip(*self.samples)
        middle, mean = sum(times) / len(times), sum(sizes) / len(sizes)
        spread = sum((when - middle) ** 2 for when in times)
        slope = sum((when - middle) * (size - mean) for when, size in self.samples) / spread
        return slope * (times[-1] - times[0])


def resident_size(pid):
    """Bytes. Read from the page tables: statm, since Linux 6.2, lags by dozens of pages."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        line = next(line for line in file if line.startswith("Rss:"))
    return int(line.split()[1]) * KIB


def sleeps_of(pid):
    with open(f"/proc/{pid}/status") as file:
        line = next(line for line in file if line.startswith("voluntary_ctxt_switches:"))
    return int(line.split()[1])


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

"""Proxies as child processes: the files of tools/proxy, with ports and certificates of the test."""
import getpass
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
CONFIGURATIONS = HERE.parents[2] / "tools" / "proxy"
HOST = "127.0.0.1"
START_SECONDS = 20


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def make_certificate(folder):
    """cert.pem, key.pem, and both.pem as haproxy wants it."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True)
    both = (folder / "cert.pem").read_text() + (folder / "key.pem").read_text()
    (folder / "both.pem").write_text(both)


def trust(folder):
    context = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    context.check_hostname = False
    return context


def with_replacements(text, replacements):
    """Each must be there: what is tested is what the files say."""
    for old, new in replacements.items():
        if not re.search(old, text):
            raise SystemExit(f"tools/proxy: no '{old}' in the file")
        text = re.sub(old, new, text)
    return text


class Front:
    """One running proxy before the server at `upstream` (a port of this machine)."""

    def __init__(self, kind, work, upstream):
        self.kind = kind
        self.upstream = upstream
        self.port = free_port()
        self.folder = work / f"{kind}-{self.port}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.certificates = work
        self.process = None
        self.start()

    def start(self):
        command = getattr(self, "_" + self.kind.replace("-", "_"))()
        log = open(self.folder / "log", "ab")
        # A session of its own: nginx has workers, which outlive a master that is killed.
        self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder,
                                        start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self.port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"{self.kind} did not start:\n{self.log()}")

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=20):
        return self.process.wait(seconds)

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()

    def stop(self):
        if self.process.poll() is not None:
            return
        self.signal(signal.SIGTERM)
        try:
            self.wait()
        except subprocess.TimeoutExpired:
            self.kill()

    def _configuration(self, name, replacements, before="", after=""):
        text = (CONFIGURATIONS / name).read_text()
        path = self.folder / name
        path.write_text(before + with_replacements(text, replacements) + after)
        return path

    def _paths(self):
        return {r"/etc/ssl/duplex": str(self.certificates),
                r"127\.0\.0\.1:9001": f"{HOST}:{self.upstream}"}

    def _nginx(self, replacements=()):
        temporary = "".join(f"  {name}_temp_path {self.folder}/{name};\n"
                            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        # As root the workers would change to a user who cannot write below build/.
        user = f"user {getpass.getuser()};\n" if os.getuid() == 0 else ""
        before = (f"{user}daemon off;\npid {self.folder}/pid;\nerror_log {self.folder}/log;\n"
                  f"events {{}}\nhttp {{\n  access_log off;\n{temporary}")
        path = self._configuration(
            "nginx.conf", {**self._paths(), r"listen 443 ssl": f"listen {HOST}:{self.port} ssl",
                           **dict(replacements)},
            before, "}\n")
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        return [program, "-p", self.folder, "-c", path, "-e", self.folder / "log"]

    def _nginx_buffering(self):
        """As nginx is by itself: it holds back what does not say that it must not."""
        return self._nginx({r"proxy_buffering off;": "proxy_buffering on;"})

    def _haproxy(self, name="haproxy.cfg"):
        here = {r"bind :443": f"bind {HOST}:{self.port}"}
        path = self._configuration(name, {**self._paths(), **here})
        return [shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-f", path]

    def _haproxy_tcp(self):
        return self._haproxy("haproxy-tcp.cfg")

    def _stunnel(self):
        path = self._configuration(
            "stunnel.conf",
            {**self._paths(), r"accept  = 443": f"accept = {HOST}:{self.port}"},
            "foreground = yes\npid =\n")
        return [shutil.which("stunnel4") or shutil.which("stunnel"), path]

    def _stunnel_client(self, name="localhost", authority="cert.pem"):
        """The other way round: `upstream` wants TLS, what comes here does not."""
        path = self._configuration(
            "stunnel-client.conf",
            {r"accept  = 127\.0\.0\.1:9001": f"accept = {HOST}:{self.port}",
             r"connect = example\.com:443": f"connect = {HOST}:{self.upstream}",
             r"sni     = example\.com": "sni = localhost",
             r"checkHost   = example\.com": f"checkHost = {name}",
             r"/etc/ssl/certs/ca-certificates\.crt": str(self.certificates / authority)},
            "foreground = yes\npid =\n")
        return [shutil.which("stunnel4") or shutil.which("stunnel"), path]

    def _stunnel_client_for_another(self):
        """The certificate has another name."""
        return self._stunnel_client(name="example.com")

    def _stunnel_client_of_another(self):
        """The certificate comes from another authority."""
        return self._stunnel_client(authority="other/cert.pem")

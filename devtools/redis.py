"""A real Redis on loopback, in a folder of its own, which is gone afterwards."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 20.0


def redis_server() -> str:
    """Path of a server; it is installed if there is none (scripts/find_redis.sh)."""
    script = subprocess.run(
        ["sh", "scripts/find_redis.sh"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return script.stdout.strip()


class RedisProcess:
    """A running Redis; a context manager. It keeps nothing on disk unless it is told to."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="redis-")
        self.port = free_port()
        self._process = subprocess.Popen(
            [
                *(redis_server(), "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--dir", self._folder.name, "--save", "", "--appendonly", "no"),
            ],
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        """What the operator would put into the environment."""
        return f"redis://127.0.0.1:{self.port}/0"

    def ask(self, *words: str) -> bytes:
        """Send one command and give back the raw answer (RESP), up to its first 64 KiB."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10.0) as sock:
            lines = [f"*{len(words)}", *(part for w in words for part in (f"${len(w)}", w))]
            sock.sendall("\r\n".join([*lines, ""]).encode())
            return sock.recv(65536)

    def dump(self) -> bytes:
        """Everything in it, as it would lie on the disk."""
        self.ask("CONFIG", "SET", "rdbcompression", "no")
        assert self.ask("SAVE").startswith(b"+OK")
        return (Path(self._folder.name) / "dump.rdb").read_bytes()

    def stop(self) -> None:
        """It takes connections and bytes, and answers nothing (SIGSTOP)."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End of that."""
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Kill it and remove its folder; safe to call twice."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._folder.cleanup()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                if self.ask("PING") == b"+PONG\r\n":
                    return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
            time.sleep(0.02)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port

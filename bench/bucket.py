"""A distant bucket: Ceph RGW behind a proxy that keeps every GET waiting (tests/integration/servers). DistantBucket
starts both; reads() tells what was read since it was asked last.
"""

import dataclasses
import http.client
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
SERVERS = ROOT / "tests" / "integration" / "servers"
DELAY_MS = 20


@dataclasses.dataclass
class Read:
    begin: int  # µs: the request arrived at the proxy
    end: int  # µs: the answer is about to leave it
    bytes: int
    key: str
    range: str


def missing():
    """Why there can be no bucket, or None."""
    absent = [name for name in ("radosgw", "ceph-mon", "ceph-osd", "ceph") if not shutil.which(name)]
    if absent:
        return f"the Debian packages of the S3 server are not installed (no {', '.join(absent)}; see install_full in dev)"
    return None if os.geteuid() == 0 else "the S3 server needs root"


class DistantBucket:
    def __init__(self, delay_ms=DELAY_MS, build=ROOT / "build" / "release"):
        subprocess.run(["ninja", "-C", str(build), "delay_proxy"], check=True, stdout=subprocess.DEVNULL)
        self.folder = tempfile.mkdtemp(prefix="mangrove-bucket-")
        command = [str(SERVERS / "s3_server.sh"), f"{self.folder}/s3"]
        server = subprocess.run(command, check=True, capture_output=True, text=True, timeout=240)
        direct = next(line[3:] for line in server.stdout.splitlines() if line.startswith("s3="))
        endpoint = next(line[9:] for line in server.stdout.splitlines() if line.startswith("endpoint="))
        command = [str(build / "tests/integration/delay_proxy"), endpoint.rsplit(":", 1)[1], str(delay_ms)]
        self._proxy = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._port = int(self._proxy.stdout.readline().split("=")[1])
        self.direct_url = direct  # without the delay: for loading
        self.url = direct.replace(endpoint, f"http://127.0.0.1:{self._port}")

    def reads(self):
        """What was read since the last call, in order of arrival at the proxy."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request("GET", "/.proxy/log")
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        fields = (line.split(" ", 4) for line in lines)
        return sorted((Read(int(a), int(b), int(c), d, e) for a, b, c, d, e in fields), key=lambda read: read.begin)

    def stop(self):
        self._proxy.kill()
        self._proxy.wait()
        subprocess.run([str(SERVERS / "s3_server.sh"), f"{self.folder}/s3", "stop"], check=False, timeout=60)
        shutil.rmtree(self.folder, ignore_errors=True)


def critical_path(reads):
    """The longest chain of reads of which each began after the one before had ended."""
    length, end = 0, -1
    for read in sorted(reads, key=lambda read: read.end):
        if read.begin >= end:
            length, end = length + 1, read.end
    return length

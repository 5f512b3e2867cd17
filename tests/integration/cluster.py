"""Local clusters for tests and `./dev cluster`: ZooKeeper ×3, an object store (a folder, or Ceph RGW), and nodes.

As a program it starts one and keeps it until Ctrl-C:  cluster.py --server BINARY [--nodes N] [--s3]
Standard library only; every port is free and on loopback; stop() ends all processes and removes the folder.
"""
import argparse, os, pathlib, shutil, signal, subprocess, sys, tempfile, time, urllib.error, urllib.parse, urllib.request

SERVERS = pathlib.Path(__file__).resolve().parent / "servers"


class QueryError(Exception):
    """The server answered with an error: `code` is ClickHouse's."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Node:
    def __init__(self, cluster, name):
        self.cluster, self.name = cluster, name
        self.dir = os.path.join(cluster.dir, name)
        os.makedirs(self.dir, exist_ok=True)
        self.process = self.port = self.otlp_port = None

    def start(self, **more):
        settings = {**more, "http_port": 0, "otlp_http_port": 0, "data_dir": self.dir, "node_name": self.name,
                    "object_store": self.cluster.object_store, "keeper": self.cluster.keeper}
        command = [self.cluster.binary, "server"]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        self.log = open(os.path.join(self.dir, "log"), "a")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            if line.startswith("otlp_http_port="):
                self.otlp_port = int(line.split("=")[1])
            if line.startswith("http_port="):
                self.port = int(line.split("=")[1])
                break
        else:
            raise RuntimeError(f"{self.name} did not start:\n" + open(self.log.name).read()[-3000:])
        return self

    def query(self, text, body=None, timeout=60, **settings):
        data = text.encode()
        if body is not None:
            settings["query"], data = text, body
        url = f"http://127.0.0.1:{self.port}/?{urllib.parse.urlencode(settings)}"
        try:
            return urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=timeout).read().decode()
        except urllib.error.HTTPError as error:
            raise QueryError(int(error.headers.get("X-ClickHouse-Exception-Code") or -1), error.read().decode("utf-8", "replace"))

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise RuntimeError(f"{self.name} did not stop within 30 s")


class Cluster:
    def __init__(self, binary, s3=False):
        self.binary, self.s3 = binary, s3
        self.dir = tempfile.mkdtemp(prefix="mangrove-cluster-")
        self.nodes = []
        try:
            self.keeper = self._run("zookeeper_ensemble.sh", "zookeeper", "zk=")
            self.object_store = self._run("s3_server.sh", "s3", "s3=") if s3 else f"file://{self.dir}/objects"
        except BaseException:
            self.stop()
            raise

    def _run(self, script, folder, prefix):
        result = subprocess.run([str(SERVERS / script), os.path.join(self.dir, folder)], capture_output=True, text=True, timeout=180)
        for line in result.stdout.splitlines():
            if line.startswith(prefix):
                return line[len(prefix):]
        raise RuntimeError(f"{script} failed: {result.stdout}{result.stderr}")

    def add_node(self, **settings):
        node = Node(self, f"node{len(self.nodes) + 1}")
        self.nodes.append(node)
        return node.start(**settings)

    def stop(self):
        errors = []
        for node in self.nodes:
            try:
                node.stop()
            except Exception as error:
                errors.append(str(error))
        for script, folder in (("s3_server.sh", "s3"), ("zookeeper_ensemble.sh", "zookeeper")):
            path = os.path.join(self.dir, folder)
            if os.path.isdir(path):
                subprocess.run([str(SERVERS / script), path, "stop"], capture_output=True, timeout=60)
        shutil.rmtree(self.dir, ignore_errors=True)
        return errors


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument("--s3", action="store_true", help="a real S3 server (Ceph RGW) instead of a folder")
    arguments = parser.parse_args()

    def interrupt(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    cluster, errors = None, []
    try:
        cluster = Cluster(arguments.server, arguments.s3)
        print(f"keeper        {cluster.keeper}\nobject store  {cluster.object_store.split('?')[0]}")
        for _ in range(arguments.nodes):
            node = cluster.add_node()
            print(f"{node.name}         http://127.0.0.1:{node.port}  otlp http://127.0.0.1:{node.otlp_port}/v1/traces", flush=True)
        print("Ctrl-C stops everything", flush=True)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("stopping", flush=True)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # impatience must not leave processes behind
        if cluster:
            errors = cluster.stop()
    for error in errors:
        print(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

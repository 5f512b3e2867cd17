"""One node over a folder for the integration tests: start, query, stop. Standard library only."""
import http.client, os, shutil, signal, subprocess, tempfile, urllib.parse

http.client._MAXHEADERS = 2000  # X-ClickHouse-Progress repeats


class Failed(Exception):
    """The node answered with an error: `code` is ClickHouse's, `status` HTTP's."""

    def __init__(self, status, code, text):
        super().__init__(f"HTTP {status}, code {code}: {text[:500]}")
        self.status, self.code, self.text = status, code, text


class Node:
    def __init__(self, binary, **settings):
        self.binary, self.dir = binary, tempfile.mkdtemp(prefix="mangrove-test-")
        self.settings = {"http_port": 0, "otlp_http_port": 0, "data_dir": self.dir, **settings}
        self.log_path = os.path.join(self.dir, "log")
        self.process = None

    def start(self, **environment):
        arguments = [a for key, value in self.settings.items() for a in ("--set", f"{key}={value}")]
        self.log = open(self.log_path, "a")
        self.process = subprocess.Popen([self.binary, "server", *arguments], stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env={**os.environ, **environment})
        for line in self.process.stdout:
            name, _, port = line.strip().partition("=")
            if name == "otlp_http_port":
                self.otlp_port = int(port)
            if name == "http_port":  # the last line
                self.port = int(port)
                return self
        raise RuntimeError("the node did not start:\n" + self.log_text())

    def connect(self, timeout=120):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, text="", body=None, method="POST", path="/", headers=None, timeout=120, **parameters):
        """(status, headers, body as bytes); the statement is the body, or the URL's if there is another body."""
        data = text.encode()
        if body is not None:
            parameters["query"], data = text, body
        connection = self.connect(timeout)
        try:
            connection.request(method, path + ("?" + urllib.parse.urlencode(parameters) if parameters else ""), data, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def query(self, text, body=None, **parameters):
        status, headers, answer = self.request(text, body, **parameters)
        answer = answer.decode("utf-8", "replace")
        if status != 200:
            raise Failed(status, int(headers.get("X-ClickHouse-Exception-Code") or -1), answer)
        return answer.rstrip("\n")

    def error(self, text, body=None, **parameters):
        """The code of the error, 0 if there is none."""
        try:
            self.query(text, body, **parameters)
        except Failed as error:
            return error.code
        return 0

    def log_text(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def resident_bytes(self, what="VmRSS"):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(what + ":"))

    def stop(self, timeout=60):
        """The exit code of a node asked to stop."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                return f"killed after {timeout} s"
        self.log.close()
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def remove(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)


class Checks:
    """Counts what holds and prints what does not."""

    passed = failed = 0

    def __call__(self, what, good, detail=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what}\n  {str(detail)[:800]}", flush=True)

    def equal(self, what, got, want):
        self(what, got == want, f"got  {got!r}\n  want {want!r}")

    def end(self, title):
        print(f"{title}: {self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0

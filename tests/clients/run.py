#!/usr/bin/env python3
"""Runs the tests of real client libraries, each against a node of its own.

    run.py CLIENT --server build/release/mangrove

CLIENT is a folder beside this file: package-lock.json with *.test.js (Node), requirements.txt with *_test.py (Python),
pom.xml with *Test.java (Java), or go.sum with *_test.go (Go). Its locked packages are installed into build/clients/CLIENT once. Where they cannot
be (no npm, no venv, no JDK, no Go, no registry) the tests are skipped with a message. The tests find the node by MANGROVE_HTTP and MANGROVE_OTLP. A node that
does not end cleanly is a failure too: that is where sanitizers report.
"""
import argparse, os, pathlib, shutil, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.append(str(ROOT / "tests/integration"))
from node import Node

INSTALL_SECONDS, TEST_SECONDS = 180, 180


class Skipped(Exception):
    pass


def run(arguments, directory):
    try:
        if subprocess.run(arguments, cwd=directory, timeout=INSTALL_SECONDS).returncode == 0:
            return
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error)
    raise Skipped(f"{arguments[0]} cannot install the packages here")


def install_npm(source, target):
    shutil.copy(source / "package.json", target)
    run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], target)


def install_pip(source, target):
    run([sys.executable, "-m", "venv", "--clear", "venv"], target)
    run(["venv/bin/pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", "-r", "requirements.txt"], target)


def install_maven(source, target):
    run(["mvn", "--quiet", "--batch-mode", "dependency:copy-dependencies", "-DoutputDirectory=lib"], target)


def install_go(source, target):
    shutil.copy(source / "go.mod", target)
    run(["go", "mod", "download"], target)


# The lock file, the programs that must be there, how to install, the tests, the command that runs them.
KINDS = [
    ("package-lock.json", ("node", "npm"), install_npm, "*.js", ["node", "--test"]),
    ("requirements.txt", (), install_pip, "*_test.py", ["venv/bin/python", "-m", "unittest", "discover", "-p", "*_test.py"]),
    ("pom.xml", ("mvn", "javac"), install_maven, "*Test.java", ["java", "-cp", "lib/*", "JdbcTest.java"]),
    ("go.sum", ("go",), install_go, "*_test.go", ["go", "test", "-count=1", "./..."]),
]


def install(source, target):
    """The command that runs the tests in `target`."""
    lock, programs, install_packages, tests, command = next(kind for kind in KINDS if (source / kind[0]).exists())
    for program in programs:
        if not shutil.which(program):
            raise Skipped(f"{program} is not installed")
    installed = target / "installed-lock"
    if not installed.exists() or installed.read_bytes() != (source / lock).read_bytes():
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / lock, target)
        install_packages(source, target)
        shutil.copy(source / lock, installed)
    for file in source.glob(tests):
        shutil.copy(file, target)
    return command


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("client", choices=sorted(path.name for path in HERE.iterdir() if path.is_dir() and path.name[0] not in "._"))
    parser.add_argument("--server", required=True)
    options = parser.parse_args()
    target = ROOT / "build/clients" / options.client
    try:
        command = install(HERE / options.client, target)
    except Skipped as reason:
        print(f"skipped: {options.client}: {reason}")
        return 0
    node = Node(os.path.abspath(options.server)).start()
    try:
        environment = dict(os.environ, MANGROVE_HTTP=f"http://127.0.0.1:{node.port}", MANGROVE_OTLP=f"http://127.0.0.1:{node.otlp_port}")
        tested = subprocess.run(command, cwd=target, env=environment, timeout=TEST_SECONDS).returncode
        ended = node.stop()
        if ended != 0:
            print(f"FAILED the node ended with {ended}\n{node.log_text()[-4000:]}")
    finally:
        node.remove()
    good = tested == 0 and ended == 0
    print(f"{options.client}: {'passed' if good else 'FAILED'}")
    return 0 if good else 1


sys.exit(main())

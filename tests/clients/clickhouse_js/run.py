#!/usr/bin/env python3
"""Runs client.test.js (as install.sh left it in build/clients/clickhouse_js) against a node of its own."""
import argparse, os, pathlib, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tests/integration"))
from node import Node


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    node = Node(os.path.abspath(parser.parse_args().server)).start()
    try:
        environment = dict(os.environ, MANGROVE_HTTP=f"http://127.0.0.1:{node.port}")
        tested = subprocess.run(["node", "--test"], cwd=ROOT / "build/clients/clickhouse_js", env=environment, timeout=180).returncode
        ended = node.stop()
        if ended != 0:
            print(f"FAILED the node ended with {ended}\n{node.log_text()[-4000:]}")
    finally:
        node.remove()
    good = tested == 0 and ended == 0
    print(f"@clickhouse/client: {'passed' if good else 'FAILED'}")
    return 0 if good else 1


sys.exit(main())

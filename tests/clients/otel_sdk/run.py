#!/usr/bin/env python3
"""Runs the SDK's test (sdk.test.js, as install.sh left it in build/clients/otel_sdk) against a node that it starts on free
ports and stops at the end. A node that does not end cleanly is a failure too: that is where sanitizers report."""
import argparse, os, pathlib, shutil, signal, subprocess, sys, tempfile

INSTALLED = pathlib.Path(__file__).resolve().parents[3] / "build/clients/otel_sdk"


def start(binary, directory):
    arguments = [binary, "server", "--set", "http_port=0", "--set", "otlp_http_port=0", "--set", f"data_dir={directory}"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=open(os.path.join(directory, "log"), "w"), text=True)
    ports = {}
    while not {"http_port", "otlp_http_port"} <= ports.keys():
        line = process.stdout.readline()
        if not line:
            raise SystemExit("the server did not start:\n" + open(os.path.join(directory, "log")).read())
        name, _, port = line.strip().partition("=")
        ports[name] = port
    return process, ports


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    arguments = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="mangrove-otel-")
    process, ports = start(os.path.abspath(arguments.server), directory)
    try:
        environment = dict(os.environ, MANGROVE_HTTP=f"http://127.0.0.1:{ports['http_port']}", MANGROVE_OTLP=f"http://127.0.0.1:{ports['otlp_http_port']}")
        tested = subprocess.run(["node", "--test"], cwd=INSTALLED, env=environment, timeout=120).returncode
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            ended = process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            ended = "killed after 30 s"
        log = open(os.path.join(directory, "log")).read()
        shutil.rmtree(directory, ignore_errors=True)
    if ended != 0:
        print(f"FAILED the server ended with {ended}\n{log[-4000:]}")
    good = tested == 0 and ended == 0
    print(f"OpenTelemetry SDK: {'passed' if good else 'FAILED'}")
    return 0 if good else 1


sys.exit(main())

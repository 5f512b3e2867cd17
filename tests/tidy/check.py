#!/usr/bin/env python3
"""Rules that no compiler checks by itself: run as a test. Needs build/release (compile_commands.json) for the layers.

  walks    every `file.cpp:function` in ARCHITECTURE.md exists
  layers   an include of a higher layer does not compile (rules below)
  files    at most 600 lines, #pragma once, no "../" includes, no forbidden words
"""
import json, pathlib, re, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LINES_MAX = 600
# module, header that it must not be able to include
LAYERS = [("exec", "keeper/Keeper.h"), ("parts", "catalog/Catalog.h"), ("sql", "types/DataType.h"), ("columns", "io/ReadBuffer.h"),
          ("planner", "exec/Stream.h"), ("catalog", "query/Node.h"), ("functions", "parts/PartReader.h")]
failures, checks = [], 0


def check(ok, text):
    global checks
    checks += 1
    if not ok:
        failures.append(text)


def sources():
    for folder in ("src", "apps", "tests", "bench"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".h", ".cpp") and "build" not in path.parts:
                yield path


def walks():
    for file, function in re.findall(r"`([\w/]+\.cpp):(\w+)`", (ROOT / "ARCHITECTURE.md").read_text()):
        path = ROOT / file
        check(path.exists() and re.search(rf"\b{function}\(", path.read_text()), f"ARCHITECTURE.md: {file}:{function} does not exist")


def files():
    for path in sources():
        name, text = path.relative_to(ROOT), path.read_text()
        check(text.count("\n") <= LINES_MAX, f"{name}: {text.count(chr(10))} lines, at most {LINES_MAX}")
        check('#include "../' not in text, f"{name}: an include with ../")
        check(path.suffix != ".h" or "#pragma once" in text, f"{name}: no #pragma once")
        check(not re.search(r"\b(TODO|FIXME|HACK)\b", text), f"{name}: unfinished business")


def layers():
    database = ROOT / "build/release/compile_commands.json"
    if not database.exists():
        print("skipped: layers (build/release is not configured)")
        return
    commands = {c["file"]: c for c in json.loads(database.read_text())}
    for module, header in LAYERS:
        entry = next((c for f, c in commands.items() if f"/src/{module}/" in f and not f.endswith("_test.cpp")), None)
        if not entry:
            check(False, f"layers: no source of module {module} in the build")
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".cpp") as source:
            source.write(f'#include "{header}"\n')
            source.flush()
            flags = [w for w in entry["command"].split() if w.startswith(("-I", "-std", "-isystem"))]
            result = subprocess.run(["clang++-16", *flags, "-fsyntax-only", source.name], capture_output=True, text=True, cwd=entry["directory"])
            check(result.returncode != 0 and "file not found" in result.stderr, f"layers: {module} can include {header}")


walks()
files()
layers()
for failure in failures:
    print("FAILED", failure)
print(f"{checks - len(failures)} passed, {len(failures)} failed")
sys.exit(1 if failures else 0)

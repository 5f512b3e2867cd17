"""The bench's input files, made once below build/bench/data and kept: the generated table in every format, and the
recorded corpus as OTLP bodies and as Native blocks of the same table (see corpus.py).
"""

import dataclasses
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "bench"


@dataclasses.dataclass
class Batch:
    path: pathlib.Path
    offset: int
    bytes: int
    rows: int


def generator():
    """The compiled generator; compiled here when its sources are newer."""
    sources = sorted((ROOT / "bench" / "generate").glob("*"))
    binary = FOLDER / "generate"
    if not binary.exists() or binary.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        FOLDER.mkdir(parents=True, exist_ok=True)
        units = [str(source) for source in sources if source.suffix == ".cpp"]
        subprocess.run(["c++", "-std=c++20", "-O2", *units, "-o", str(binary)], check=True)
    return binary


def generated(format, rows, batch_rows, attributes=True, seed=1):
    """The batches of a generated file."""
    name = f"{format}{'' if attributes else '-narrow'}-{rows}-{batch_rows}-{seed}"
    path = FOLDER / "data" / name
    binary = generator()
    if not path.exists() or path.stat().st_mtime < binary.stat().st_mtime:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        command = [str(binary), "--rows", str(rows), "--format", format, "--out", str(part), "--seed", str(seed)]
        command += ["--batch-rows", str(batch_rows)] + ([] if attributes else ["--no-attributes"])
        subprocess.run(command, check=True)
        pathlib.Path(f"{part}.batches").rename(f"{path}.batches")
        part.rename(path)
    return read_batches(path)


def read_batches(path):
    with open(f"{path}.batches", encoding="ascii") as lines:
        return [Batch(path, *map(int, line.split())) for line in lines]

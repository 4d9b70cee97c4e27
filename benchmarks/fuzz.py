"""Give a reader thousands of damaged and hostile files: it returns, or says one line.

    python -m benchmarks.fuzz image --inputs 10000
    python -m benchmarks.fuzz all --inputs 500 --seed 3
    python -m benchmarks.fuzz font --inputs 10000 --engine atheris

An input is a fault where the reader raises anything but its module's own error, says more than one
line, takes over 10 s of CPU time, needs over 2 GiB of memory more, or ends the process. Inputs come
from the seed and their number alone; those that are faults are written to the folder of `--keep`.
With atheris (a package of its own) coverage guides what is tried. The exit status is 1 for faults.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any

HANG = 10.0                 # seconds of CPU time
_STALL = 120.0              # seconds without an answer
_MEMORY = 2 << 30           # bytes more than at the start


def attempt(name: str, data: bytes, folder: Path) -> str | None:
    """What is wrong with how the reader takes `data`; None where all is well."""
    from benchmarks.readers import READERS

    reader = READERS[name]
    path = folder / reader.file
    path.write_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader.read(path)
    except reader.errors as error:
        return None if len(str(error).splitlines()) == 1 else f"not one line: {error!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def _chance(name: str, seed: int, number: int) -> Random:
    return Random(f"{name} {seed} {number}")


def _work(pipe: Connection, name: str, seed: int, first: int, count: int) -> None:
    """Body of the process that reads: one message an input."""
    from benchmarks.readers import READERS

    READERS[name].seeds()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)        # decoders complain there
    limited = _bound_memory()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, count):
            data = READERS[name].input(_chance(name, seed, number))
            if limited:
                signal.setitimer(signal.ITIMER_PROF, HANG)
            began = time.process_time()
            fault = attempt(name, data, Path(folder))
            pipe.send((number, fault, time.process_time() - began))
    pipe.send((count, _peak(), 0.0))


def _bound_memory() -> bool:
    """Whether this system can bound memory and time; bounds memory."""
    try:
        import resource
    except ImportError:
        return False
    with contextlib.suppress(OSError, ValueError):
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + _MEMORY, size + _MEMORY))
    return True


def _peak() -> str | None:
    """Peak memory of this process in MiB."""
    try:
        import resource
    except ImportError:
        return None
    return str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)


def faults(name: str, seed: int, count: int, told: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Numbers of the inputs that are faults, and why; `told` is given time and memory."""
    first = 0
    while first < count:
        here, there = multiprocessing.get_context("spawn").Pipe()
        process = multiprocessing.get_context("spawn").Process(
            target=_work, args=(there, name, seed, first, count))
        process.start()
        there.close()
        at = first - 1
        try:
            while here.poll(_STALL):
                at, fault, seconds = here.recv()
                told["slowest"] = max(told["slowest"], seconds)
                told["done"] = min(at + 1, count)
                if at == count:
                    told["peak"] = fault
                    first = count
                    break
                if fault:
                    yield at, fault
            else:
                process.kill()
                raise EOFError
        except EOFError:
            process.join()
            first = at + 2
            yield at + 1, f"the process ended with {process.exitcode} (a crash or a hang)"
        process.join()


def _fuzz(name: str, options: argparse.Namespace) -> int:
    from benchmarks.readers import READERS

    told: dict[str, Any] = {"done": 0, "slowest": 0.0, "peak": None}
    found: dict[str, int] = {}
    began = time.monotonic()
    try:
        for number, fault in faults(name, options.seed, options.inputs, told):
            kind = fault[:60]
            found[kind] = found.get(kind, 0) + 1
            if found[kind] > 1:
                continue
            data = READERS[name].input(_chance(name, options.seed, number))
            kept = Path(options.keep) / name / hashlib.sha256(data).hexdigest()[:12]
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(data)
            print(f"  {name} {number}: {fault[:300]} ({kept})", flush=True)
    finally:                            # also when it is stopped
        print(f"{name}: {told['done']} inputs, {sum(found.values())} faults of {len(found)} kinds, "
              f"slowest {told['slowest']:.2f} s, peak {told['peak']} MiB, "
              f"{time.monotonic() - began:.0f} s", flush=True)
    return sum(found.values())


def _atheris(name: str, options: argparse.Namespace) -> int:
    """Let atheris choose inputs by the coverage of Python code, changed by our own changes too."""
    import atheris

    with atheris.instrument_imports(include=["fonts", "exporters", "glyphgen", "fontTools"]):
        from benchmarks.mutations import mutate
        from benchmarks.readers import READERS
    reader = READERS[name]
    folder = Path(tempfile.mkdtemp())
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, data in enumerate(reader.seeds()):
        (corpus / str(number)).write_bytes(data)

    def one(data: bytes) -> None:
        fault = attempt(name, data, folder)
        if fault:
            raise RuntimeError(fault)

    def changed(data: bytes, most: int, seed: int) -> bytes:
        return mutate(Random(seed), [data, *reader.seeds()])[:most]

    Path(options.keep).mkdir(parents=True, exist_ok=True)
    atheris.Setup([sys.argv[0], f"-runs={options.inputs}", f"-timeout={HANG:.0f}", "-max_len=65536",
                   "-rss_limit_mb=4096", f"-artifact_prefix={options.keep}/", str(corpus)],
                  one, custom_mutator=lambda data, most, seed: changed(data, most, seed))
    atheris.Fuzz()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reader", help="a reader's name, or all")
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", default="fuzz-faults", help="folder for inputs that are faults")
    parser.add_argument("--engine", choices=["random", "atheris"], default="random")
    options = parser.parse_args()
    if options.engine == "atheris":
        return _atheris(options.reader, options)
    from benchmarks.readers import READERS

    names = list(READERS) if options.reader == "all" else options.reader.split(",")
    return int(sum(_fuzz(name, options) for name in names) > 0)


if __name__ == "__main__":
    raise SystemExit(main())

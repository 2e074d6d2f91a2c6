"""How long an import of incident rows takes, as a ratio to bare reads of the same columns, and its peak memory.

    python -m bench.extracts [ROWS…]        by default 540,000 (36 months of one force) and 20 million (all forces)

It needs pyarrow, polars and DuckDB: python -m pip install ".[bench]". Those that are not installed are left out.

Beside them, pandas, polars and DuckDB come to the counts that the import gives. Rows are generated in the street-level
format of data.police.uk, with ids of 64 characters, and all are counted. Each reader runs in a process of its own, in
turn, as often as ROUNDS says; the quickest counts. Seconds are those of the clock, and of the processor, which on a
machine that others use too says more.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

Read = Callable[[Path], int]
ROUNDS = 3
HEADINGS = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
TYPES = ["Violence and sexual offences", "Anti-social behaviour", "Burglary", "Robbery", "Drugs", "Other theft"]
COLUMNS = ["Month", "Falls within", "Crime type", "Crime ID"]
CONFIG = """
extracts:
  - name: street level
    month: Month
    only: {Falls within: {contains: Police}}
    id: Crime ID
    measures:
      - {strand: HATE, measure: Hate Crime Offences, where: {Crime type: Violence and sexual offences}}
      - {strand: BURGLARY, measure: Robbery (Personal) Offences, where: {Crime type: [Robbery, Burglary]}}
"""


def generate(path: Path, rows: int, forces: int) -> None:
    """A file of that many incidents over 36 months. Every fifth has no id, as anti-social behaviour has none."""
    rng = random.Random(1)
    rests = []
    for _ in range(2000):
        place = f"{rng.uniform(-1, 1):.6f},{rng.uniform(51, 53):.6f},On or near Street {rng.randrange(10**4)}"
        area = f"E0{rng.randrange(10**7):07d},Area {rng.randrange(200):03d}A"
        force = f"Force {rng.randrange(forces)} Police"
        rests.append(f"{force},{force},{place},{area},{rng.choice(TYPES)},Under investigation,\n")
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADINGS + "\n")
        for month in range(36):
            here = rows * (month + 1) // 36 - rows * month // 36
            text = f",{2018 + month // 12}-{month % 12 + 1:02d},"
            for n in range(here):
                file.write(f"{'' if n % 5 == 0 else rng.randbytes(32).hex()}{text}{rests[n * 7 % 2000]}")


def with_cpxl() -> Read:
    """What the import does, up to the counts."""
    import pandas  # noqa: F401, as the readers below have theirs

    from cpxl import config
    from cpxl.insights.extracts import read_extracts
    from cpxl.resources import resource

    text = resource("config.yaml").read_text(encoding="utf-8").partition("\nextracts:")[0] + CONFIG
    settings = config.parse(text)
    quarter = settings.current_quarter
    return lambda path: read_extracts([path], settings, quarter, lambda _, share: None).files[0].rows


def with_pandas() -> Read:
    """A bare read, in chunks."""
    import pandas as pd

    return lambda path: sum(len(chunk) for chunk in pd.read_csv(path, usecols=COLUMNS, chunksize=100_000))


def with_pyarrow() -> Read:
    """A bare read, batch by batch, on all cores."""
    import pyarrow.csv

    options = pyarrow.csv.ConvertOptions(include_columns=COLUMNS)
    return lambda path: sum(batch.num_rows for batch in pyarrow.csv.open_csv(path, convert_options=options))


def with_pandas_counts() -> Read:
    """The counts that the import gives, duplicates by id left out, with what one would use instead of it."""
    import pandas as pd

    def read(path: Path) -> int:
        rows, seen = 0, []
        for chunk in pd.read_csv(path, usecols=COLUMNS, chunksize=100_000, keep_default_na=False):
            rows += len(chunk)
            seen.append(pd.util.hash_pandas_object(chunk["Crime ID"], index=False))
            chunk.groupby(["Month", "Falls within", "Crime type"]).size()
        pd.concat(seen).duplicated().sum()
        return rows

    return read


def with_polars() -> Read:
    """The same, on all cores."""
    import polars as pl

    def read(path: Path) -> int:
        table = pl.scan_csv(path).select(COLUMNS)
        once = pl.concat([table.filter(pl.col("Crime ID").is_null()), table.drop_nulls("Crime ID").unique("Crime ID")])
        counts = once.group_by("Month", "Falls within", "Crime type").len()
        return int(counts.collect(engine="streaming")["len"].sum())

    return read


def with_duckdb() -> Read:
    """The same, on all cores."""
    import duckdb

    query = """SELECT "Month", "Falls within", "Crime type", count(DISTINCT "Crime ID") + count(*) - count("Crime ID")
        FROM read_csv(?, header = true, all_varchar = true) GROUP BY ALL"""
    return lambda path: sum(row[-1] for row in duckdb.execute(query, [str(path)]).fetchall())


READERS = {
    "cpxl": with_cpxl,
    "pandas": with_pandas,
    "pyarrow": with_pyarrow,
    "pandas, counts": with_pandas_counts,
    "polars, counts": with_polars,
    "duckdb, counts": with_duckdb,
}
"""Each, once it has imported its libraries, gives a function that reads a file and says how many rows it has."""


def measure(name: str, path: Path) -> dict[str, float]:
    """Seconds and peak memory (MB) of one reader, in this process."""
    import resource

    read = READERS[name]()
    clock, processor = time.perf_counter(), time.process_time()
    rows = read(path)
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return {"rows": rows, "clock": clock, "processor": processor, "memory": peak}


def main() -> None:
    """Generate, measure each reader in turn, print."""
    for rows in [int(word) for word in sys.argv[1:]] or [540_000, 20_000_000]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "incidents.csv"
            generate(path, rows, 1 if rows < 5_000_000 else 44)
            print(f"{rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB, {os.cpu_count()} cores")
            best: dict[str, dict[str, float]] = {}
            there = [name for name in READERS if find_spec(name.partition(",")[0])]
            for _ in range(ROUNDS):
                for name in there:
                    command = [sys.executable, "-m", "bench.extracts", "--reader", name, str(path)]
                    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
                    assert said["rows"] == rows
                    last = best.setdefault(name, said)
                    best[name] = {key: min(last[key], said[key]) for key in said}
            for name, m in best.items():
                ratios = " ".join(f"{best['cpxl'][key] / m[key]:5.2f}" for key in ("clock", "processor"))
                print(
                    f"  {name:14} {m['clock']:7.2f} s  {m['processor']:7.2f} s of processor  {m['memory']:5.0f} MB"
                    f"   cpxl is {ratios} times that"
                )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--reader"]:
        print(json.dumps(measure(sys.argv[2], Path(sys.argv[3]))))
    else:
        main()

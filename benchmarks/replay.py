"""The whole way of a recorded file: read, decode, flag, commit; then check. One process, the server beside it."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from cli.checking.commands import check_all
from cli.fleet import FleetSpec, generate, write
from cli.intake.recorded import replay_files, store_reference
from cli.root import opened
from journey.settings import Settings
from rules import law as rulebook

VEHICLES, DAYS = 100, 7


def main() -> None:
    law = rulebook.load()
    folder = Path(tempfile.mkdtemp(prefix="hanhtrinh-bench-"))
    try:
        fleet = generate(FleetSpec(vehicles=VEHICLES, days=DAYS))
        forms = ("feed.csv", "feed.ndjson", "feed.ufms")
        write(fleet, folder / "fleet", forms)
        for form in forms:
            settings = Settings(data_folder=folder / form)
            with opened(settings) as connection:
                store_reference(connection, folder / "fleet")
                began = time.perf_counter()
                done = replay_files(connection, settings, law, [folder / "fleet" / form])
                seconds = time.perf_counter() - began
                print(
                    f"{'replay ' + form:<28} {done.fixes / seconds:>12,.0f} fixes/s  {done.fixes:,} fixes", flush=True
                )
                if form == forms[0]:
                    began = time.perf_counter()
                    checked = check_all(connection, law)
                    seconds = time.perf_counter() - began
                    print(
                        f"{'check, from the store':<28} {done.fixes / seconds:>12,.0f} fixes/s  "
                        f"{checked.windows} vehicle-days in {seconds:.2f} s",
                        flush=True,
                    )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

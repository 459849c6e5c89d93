"""What an examination asks of the machine: Python, time zone, folders, disks, clock, certificates."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.doctor.examining import BAD, GOOD, WARNING, Told
from cli.watching import backup_made, certificate_end
from ingest.configuration import Configuration, certificates_of
from journey.localtime import show
from journey.settings import Settings

ZONE = "Asia/Ho_Chi_Minh"
_PYTHON_MIN = (3, 12)
_DISK_WARN, _DISK_BAD = 0.15, 0.05
_GIB = 1 << 30
_BACKUP_WARN_S = 36 * 3600
_CERTIFICATE_WARN_S, _CERTIFICATE_BAD_S = 21 * 86_400, 3 * 86_400
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC).timestamp()  # before this program: no clock may say so


def python(_: Settings) -> Iterator[Told]:
    text = f"{platform.python_version()} on {platform.machine()}"
    if sys.version_info < _PYTHON_MIN:
        yield Told(BAD, "Python", text, "3.12 or newer is needed: install it and make .venv anew")
    else:
        yield Told(GOOD, "Python", text)


def zone(_: Settings) -> Iterator[Told]:
    try:
        offset = datetime.now(ZoneInfo(ZONE)).utcoffset()
    except ZoneInfoNotFoundError:
        yield Told(BAD, "time zone", f"{ZONE} is not known here", "install the package tzdata")
        return
    if offset == timedelta(hours=7):
        yield Told(GOOD, "time zone", f"{ZONE} is UTC+7")
    else:
        yield Told(BAD, "time zone", f"{ZONE} is UTC{offset} here", "the zone's data are wrong: install tzdata anew")


def clock(_: Settings) -> Iterator[Told]:
    if time.time() < _BEGINNING:
        yield Told(BAD, "clock", f"it is {show(int(time.time()))}", "set it, and let it be set by NTP: fixes would be "
                                                                    "flagged as from the future")  # fmt: skip


def folder(settings: Settings) -> Iterator[Told]:
    """The folder of the embedded server."""
    if settings.database_url is not None:
        return
    path = settings.data_folder.expanduser().resolve()
    there = next(one for one in (path, *path.parents) if one.exists())
    if path.exists() and not path.is_dir():
        yield Told(BAD, "data folder", f"{path} is no folder", "name another: HANHTRINH_DATA_FOLDER")
    elif not os.access(there, os.W_OK | os.X_OK):
        yield Told(BAD, "data folder", f"{there} cannot be written to", "give the right, or set HANHTRINH_DATA_FOLDER")
    elif there != path:
        yield Told(WARNING, "data folder", f"{path} is not there: an empty store will be made")
    else:
        yield Told(GOOD, "data folder", f"{path}, embedded PostgreSQL")


def disks(settings: Settings) -> Iterator[Told]:
    embedded = () if settings.database_url is not None else (settings.data_folder,)
    watched = () if settings.disk_folder is None else (settings.disk_folder,)
    for path in dict.fromkeys((*embedded, *watched, Path("/"))):
        there = next((one for one in (path, *path.absolute().parents) if one.exists()), None)
        if there is None:
            continue
        if there != path and path in watched:
            yield Told(BAD, "disk", f"{path} is not there", "mend HANHTRINH_DISK_FOLDER")
            continue
        usage = shutil.disk_usage(there)
        share = usage.free / usage.total
        text = f"{path}: {usage.free / _GIB:.1f} of {usage.total / _GIB:.1f} GiB free"
        state = BAD if share < _DISK_BAD else WARNING if share < _DISK_WARN else GOOD
        yield Told(state, "disk", text, "" if state is GOOD else "see docs/runbooks/disk.md")


def backups(settings: Settings) -> Iterator[Told]:
    """The newest backup of the folder that the settings name."""
    if settings.backup_folder is None:
        return
    made, mend = backup_made(settings.backup_folder), "see docs/runbooks/backup-old.md"
    if not made:
        yield Told(BAD, "backup", f"{settings.backup_folder} holds none", mend)
    else:
        state = GOOD if time.time() - made < _BACKUP_WARN_S else WARNING
        text = f"{settings.backup_folder}: the newest is of {show(int(made))}"
        yield Told(state, "backup", text, "" if state is GOOD else mend)


def certificates(configuration: Configuration) -> Iterator[Told]:
    """Every certificate that the settings of ingest name."""
    for path in sorted(certificates_of(configuration)):
        try:
            end = certificate_end(path)
        except (OSError, ValueError) as error:
            yield Told(BAD, "certificate", f"{path}: {error}", "name a PEM file that can be read")
        else:
            yield ending(str(path), end)


def ending(whose: str, end_s: float) -> Told:
    """How a certificate that ends at that Unix second is to be seen today."""
    left = end_s - time.time()
    state = BAD if left < _CERTIFICATE_BAD_S else WARNING if left < _CERTIFICATE_WARN_S else GOOD
    mend = "" if state is GOOD else "see docs/runbooks/certificate.md"
    return Told(state, "certificate", f"{whose}: it ends {show(int(end_s))}", mend)

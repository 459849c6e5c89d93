"""A vehicle-day that arrives five days late, while live data comes in: from its commit to the findings amended.

A fleet's week is stored and judged but for one day of one vehicle. Then `hanhtrinh check --follow` runs in a process of
its own, and here every fix of the last day is committed again, a minute later each, as live data would come: a batch
every half second. In between the late day is committed; what is told is how long it takes until its findings stand and
those on the silence in its place are withdrawn. Aim: 2 s.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from benchmarks.fleet import prepare_small
from cli.checking import check
from cli.reference import read_folder
from cli.root import opened
from journey.localtime import DAY_S, day_of
from journey.settings import Settings
from rules import law as rulebook
from storage.commit import Batch, commit_batch
from storage.database import Connection, connect, open_store, scalar, transaction
from storage.registry import save_registry

TIMES, LATE_DAYS = 7, 5
LIVE_EVERY_S, LIVE_FIXES = 0.5, 2_000
PATIENCE_S = 120
_ALIVE = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hanhtrinh check'"
_JUDGED = """
    SELECT count(*) FROM vehicle_day d JOIN vehicle v ON v.id = d.vehicle_id
    WHERE v.plate = %s AND d.day = %s AND d.touched <= d.checked
"""
_AMENDED = """
    SELECT count(*) FILTER (WHERE f.added_at > to_timestamp(%s)), count(*) FILTER (WHERE f.withdrawn_at > to_timestamp(%s))
    FROM finding f JOIN vehicle v ON v.id = f.vehicle_id WHERE v.plate = %s
"""

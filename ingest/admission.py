"""Who may send what: gathered messages -> the batch that is stored, each record accounted to sender and operator.

A fix of a vehicle that was registered, at the fix's time, to an operator for whom the sender does not speak becomes a
rejection `not_theirs`; one of a vehicle that is not registered is kept. A weighing accuses, so it is taken only from
those who may speak for every operator: the providers of weigh stations, and who runs this system. A sender that the
registry does not name as operator or provider is heard of, but nothing of it is data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import polars as pl

from ingest.gathering import Gathered, Sender
from ingest.protocols import json_v1, weighing_v1
from ingest.protocols._weighings import flat
from journey.model import Reason, Rejection, Weighing
from journey.registry import Registry
from journey.track import FIX, Bool, Int, encode
from rules import registered as registrations
from rules.law import Law
from rules.quality import Box, figures_box, fix_flags
from rules.registered import Registered
from storage.commit import Batch
from storage.intake import Account, AccountOf

NOTICE = "notice"  # a notice as we keep it: JSON with kind, subject and body; no format that anybody sends
_KMH = 10  # tenths


@dataclass(frozen=True, slots=True)
class Admission:
    """The registry prepared for admitting. An operator's code is its place in `operators`; NOBODY: not registered."""

    registered: Registered
    plate_codes: dict[str, int]
    operators: tuple[str, ...]
    operator_of_row: Int
    speaks_for: dict[str, Bool]  # by sender: for which operators, the last entry for none
    for_all: frozenset[str]  # senders that speak for every operator
    box: Box
    law: Law


def prepare(registry: Registry, law: Law) -> Admission:
    plates = sorted({row.plate for row in registry.vehicles})
    operators = sorted({row.operator for row in registry.vehicles} | {one.id for one in registry.operators})
    code = {operator: place for place, operator in enumerate(operators)}
    return Admission(
        registrations.index(registry.vehicles, plates),
        {plate: place for place, plate in enumerate(plates)},
        tuple(operators),
        np.array([code[row.operator] for row in registry.vehicles], np.int64),
        {operator: _mask([operator], operators) for operator in operators}
        | {one.id: _mask(one.operators, operators) for one in registry.providers},
        frozenset(one.id for one in registry.providers if one.operators is None),
        registry.box or figures_box(law),
        law,
    )


def _mask(spoken_for: Sequence[str] | None, operators: Sequence[str]) -> Bool:
    return np.array([spoken_for is None or one in spoken_for for one in operators] + [True])


def admit(gathered: Gathered, admission: Admission) -> Batch:
    """The batch of what was gathered: flags set, what may not be sent turned into rejections, all accounted."""
    fixes = gathered.fixes()
    rejections = list(gathered.rejections)
    sender_names, sender = _senders(gathered.fix_senders)
    track = encode(fixes)
    operator = _operators(admission, track.plates, track.frame)
    allowed = _allowed(admission, sender_names)
    admitted = allowed[sender, operator] if len(fixes) else np.empty(0, bool)
    flags = fix_flags(track.frame, admission.box, admission.law)
    if not admitted.all():
        rejections += _turned_away(gathered, fixes.filter(pl.Series(~admitted)), sender_names, sender[~admitted],
                                   operator[~admitted], admission)  # fmt: skip
        fixes, flags = fixes.filter(pl.Series(admitted)), flags[admitted]
        sender, operator = sender[admitted], operator[admitted]
    weighings, weighing_senders, refused = _weighings(gathered, admission)
    notices, notice_senders = [], []
    for notice, name in zip(gathered.notices, gathered.notice_senders, strict=True):
        if name is None or name in admission.speaks_for:
            notices.append(notice)
            notice_senders.append(name)
        else:
            body = orjson.dumps({"kind": notice.kind, "subject": notice.subject, "body": notice.body})
            refused.append(_refusal(gathered, name, body, NOTICE, _unknown(name)))
    rejections += refused
    accounts = _Accounts(admission)
    fix_accounts = accounts.of_fixes(sender_names, sender, operator)
    weighing_operators = accounts.of_weighings(weighings, weighing_senders)
    return Batch(
        gathered.name,
        fixes.with_columns(flags=pl.Series(flags, dtype=pl.Int16)),
        weighings,
        notices,
        rejections,
        gathered.positions(),
        gathered.messages[-1].received if gathered.messages else None,
        account_of=AccountOf(
            fix_accounts,
            weighing_operators,
            accounts.of_senders(notice_senders),
            accounts.of_senders([one.sender for one in rejections]),
        ),
        accounts=accounts.names,
    )


def _senders(runs: Sequence[tuple[Sender, int]]) -> tuple[list[Sender], Int]:
    """The different senders, and for each fix the place of its own. Shape: runs of n fixes in all -> k, n."""
    places: dict[Sender, int] = {}
    codes = [places.setdefault(name, len(places)) for name, _ in runs]
    return list(places), np.repeat(np.array(codes, np.int64), np.array([count for _, count in runs], np.int64))


def _operators(admission: Admission, plates: Sequence[str], frame: pl.DataFrame) -> Int:
    """The code of the operator that each fix's vehicle was registered to at its time; the number of operators: none."""
    codes = np.array([admission.plate_codes.get(plate, -1) for plate in plates], np.int64)
    vehicle = codes[frame["vehicle"].to_numpy()] if len(codes) else np.empty(0, np.int64)
    row = admission.registered.rows_at(vehicle, frame["time"].to_numpy())
    nobody = len(admission.operators)
    if not len(admission.operator_of_row):
        return np.full(len(row), nobody, np.int64)
    return np.where(row < 0, nobody, admission.operator_of_row[row])


def _allowed(admission: Admission, senders: Sequence[Sender]) -> Bool:
    """Shape: k senders, operators and none."""
    everyone, no_one = np.ones(len(admission.operators) + 1, bool), np.zeros(len(admission.operators) + 1, bool)
    rows = [everyone if one is None else admission.speaks_for.get(one, no_one) for one in senders]
    return np.array(rows) if rows else np.empty((0, len(admission.operators) + 1), bool)


def _unknown(sender: str | None) -> tuple[Reason, str]:
    return Reason.UNKNOWN_SENDER, f"the registry names no operator or provider {sender!r}: enter it, then drive this in"


def _turned_away(
    gathered: Gathered, fixes: pl.DataFrame, names: Sequence[Sender], sender: Int, operator: Int, admission: Admission
) -> list[Rejection]:
    rejections = []
    for row, from_, whose in zip(fixes.iter_rows(), sender.tolist(), operator.tolist(), strict=True):
        name = names[from_]
        why = _unknown(name)
        if name in admission.speaks_for:
            why = (Reason.NOT_THEIRS, f"{row[0]} was registered to {admission.operators[whose]} at that time; {name} "
                                      "does not speak for it")  # fmt: skip
        rejections.append(_refusal(gathered, name, _fix_json(row), json_v1.NAME, why))
    return rejections


def _refusal(
    gathered: Gathered, sender: str | None, payload: bytes, protocol: str, why: tuple[Reason, str]
) -> Rejection:
    received = gathered.messages[-1].received if gathered.messages else None
    return Rejection(gathered.name, "one record of its message", why[0], why[1], payload, received, sender, protocol)


def _fix_json(row: tuple[Any, ...]) -> bytes:
    """A fix in our own form, from which it can be driven in again."""
    record = dict(zip(FIX, row, strict=True))
    record["speed_kmh"] = record.pop("speed_dkmh") / _KMH
    if record.pop("scaled"):
        record["time"] *= 1000
    return orjson.dumps({name: value for name, value in record.items() if value is not None})


def _weighings(gathered: Gathered, admission: Admission) -> tuple[list[Weighing], list[Sender], list[Rejection]]:
    kept: list[Weighing] = []
    senders: list[Sender] = []
    refused: list[Rejection] = []
    for weighing, name in zip(gathered.weighings, gathered.weighing_senders, strict=True):
        if name is None or name in admission.for_all:
            kept.append(weighing)
            senders.append(name)
            continue
        why = _unknown(name)
        if name in admission.speaks_for:
            why = (Reason.NOT_THEIRS, f"{name} is no provider for all operators, and only such may send weighings")
        refused.append(_refusal(gathered, name, orjson.dumps(flat(weighing)), weighing_v1.NAME, why))
    return kept, senders, refused


class _Accounts:
    """Accounts as they turn up, and the place of each record's own."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._places: dict[Account, int] = {}

    @property
    def names(self) -> tuple[Account, ...]:
        return tuple(self._places) or (Account("", ""),)

    def of_fixes(self, names: Sequence[Sender], sender: Int, operator: Int) -> Int:
        """Shape: n -> n."""
        width = len(self._admission.operators) + 1
        pairs, back = np.unique(sender * width + operator, return_inverse=True)
        places = [self._place(names[pair // width], pair % width) for pair in pairs.tolist()]
        return np.array(places, np.int64)[back]

    def of_weighings(self, weighings: Sequence[Weighing], senders: Sequence[Sender]) -> Int:
        frame = pl.DataFrame({"vehicle": range(len(weighings)), "time": [one.time for one in weighings]},
                             schema={"vehicle": pl.Int32, "time": pl.Int64})  # fmt: skip
        operators = _operators(self._admission, [one.plate for one in weighings], frame)
        places = [self._place(name, code) for name, code in zip(senders, operators.tolist(), strict=True)]
        return np.array(places, np.int64)

    def of_senders(self, senders: Sequence[Sender]) -> Int:
        """Records whose operator is not known."""
        return np.array([self._place(name, len(self._admission.operators)) for name in senders], np.int64)

    def _place(self, sender: Sender, operator: int) -> int:
        operators = self._admission.operators
        named = operators[operator] if operator < len(operators) else sender if sender in operators else ""
        return self._places.setdefault(Account(sender or "", named or ""), len(self._places))

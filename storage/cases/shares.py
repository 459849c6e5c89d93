"""How cases ended, by rule and by model of recorder: the share overturned says which of them accuses wrongly."""

from __future__ import annotations

from typing import NamedTuple

from storage.database import Connection

# What the provider last declared of a vehicle names the model of its recorder (UFMS RegVehicle.deviceModel).
_SHARES = """
    SELECT c.rule, m.model, count(*) FILTER (WHERE c.outcome IS NULL), count(*) FILTER (WHERE c.outcome = 'accepted'),
           count(*) FILTER (WHERE c.outcome = 'unanswered'), count(*) FILTER (WHERE c.outcome = 'upheld'),
           count(*) FILTER (WHERE c.outcome = 'overturned'), count(*) FILTER (WHERE c.outcome = 'dismissed'),
           count(*) FILTER (WHERE c.outcome = 'lapsed')
    FROM finding_case c JOIN vehicle v ON v.id = c.vehicle_id LEFT JOIN recorder_model m ON m.plate = v.plate
    WHERE c.opened_at >= to_timestamp(%s) AND c.opened_at < to_timestamp(%s)
    GROUP BY c.rule, m.model ORDER BY c.rule, m.model NULLS LAST
"""


class CaseShare(NamedTuple):
    """Cases of a rule on vehicles with a model of recorder, by how they stand. model: None: not known."""

    rule: str
    model: str | None
    open: int
    accepted: int
    unanswered: int
    upheld: int
    overturned: int
    dismissed: int
    lapsed: int

    @property
    def judged(self) -> int:
        """Cases that people ended: those that lapsed with their finding say nothing of what people found."""
        return self.accepted + self.unanswered + self.upheld + self.overturned + self.dismissed

    @property
    def overturned_share(self) -> float | None:
        """Of those that people ended, the part that did not stand: overturned or dismissed; None: none was ended."""
        return (self.overturned + self.dismissed) / self.judged if self.judged else None


def case_shares(connection: Connection, opened_from: int, opened_to: int) -> list[CaseShare]:
    """Cases opened in [opened_from, opened_to) s UTC, by rule and model."""
    return [CaseShare(*row) for row in connection.execute(_SHARES, (opened_from, opened_to))]


def by_rule(shares: list[CaseShare]) -> list[CaseShare]:
    """The same by rule alone; model: None."""
    sums: dict[str, list[int]] = {}
    for one in shares:
        counts = sums.setdefault(one.rule, [0] * len(one[2:]))
        for place, count in enumerate(one[2:]):
            counts[place] += count
    return [CaseShare(rule, None, *counts) for rule, counts in sums.items()]

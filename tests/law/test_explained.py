"""`explain` prints what follows from a finding, with clause and doubt, and nothing where nothing does."""

from __future__ import annotations

import io

from rich.console import Console

from cli.explaining.explain import _print_consequences, _print_head
from journey.model import Finding
from tests.law.made import at, attached, finding


def printed(one: Finding) -> str:
    out = io.StringIO()
    console = Console(file=out, width=200, highlight=False)
    _print_head(console, one)
    _print_consequences(console, one)
    return out.getvalue()


def test_fines_points_and_suspensions() -> None:
    (one,) = attached(finding("overload_payload", at("2023-06-02"), "50-100", record="r1"))
    assert "consequences" not in printed(one)
    assert (
        printed(one).partition("what the law takes for it\n")[2]
        == """\
  driver: 5,000,000 to 7,000,000 VND, licence suspended for 1 to 3 months
    Decree 100/2019/ND-CP as amended by Decree 123/2021/ND-CP, Art. 24(6)(a), in force from 2022-01-01
  owner: 14,000,000 to 16,000,000 VND, an organisation 28,000,000 to 32,000,000 VND, badge suspended for 1 to 3 months
    Decree 100/2019/ND-CP as amended by Decree 123/2021/ND-CP, Art. 30(10)(a), in force from 2022-01-01
  loader: 2,000,000 to 3,000,000 VND, an organisation 4,000,000 to 6,000,000 VND
    who loaded the vehicle is not in the record
    Decree 100/2019/ND-CP as amended by Decree 123/2021/ND-CP, Art. 28(3)(a), in force from 2022-01-01  (not verified)
"""
    )


def test_points_and_what_is_not_fined() -> None:
    (speeding,) = attached(finding("speeding", at("2025-06-02"), "35+"))
    assert "driver: 12,000,000 to 14,000,000 VND, 6 points\n" in printed(speeding)
    (axle,) = attached(finding("overload_axle", at("2025-06-02"), "10-20", fine="none"))
    assert "driver: in this band the article fines gross mass only; the weighing may count towards" in printed(axle)


def test_why_nothing_follows() -> None:
    (one,) = attached(finding("speeding", at("2019-06-02"), "35+"))
    assert "no_consequence: the law files state no penalty before 2020-01-01" in printed(one)
    assert "what the law takes" not in printed(one)

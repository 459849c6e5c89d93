"""The weekly list as PDF: the paper that is signed, on A4 in the layout of official papers (Decree 30/2020/ND-CP)."""

from __future__ import annotations

from api.exports.weekly import WeeklyList
from api.exports.weekly_paper import weekly_paper
from api.printing.typeset import typeset

NAME = "weekly_pdf"
MEDIA_TYPE = "application/pdf"
SUFFIX = ".pdf"


def render(weekly: WeeklyList) -> bytes:
    """The file's bytes: the same list gives the same."""
    return typeset(weekly_paper(weekly))

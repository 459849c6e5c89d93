"""An amendment as PDF: the paper that is signed."""

from __future__ import annotations

from api.exports.amendment import Amendment
from api.exports.amendment_paper import amendment_paper
from api.printing.typeset import typeset

NAME = "amendment_pdf"
MEDIA_TYPE = "application/pdf"
SUFFIX = ".pdf"
OF = "amendment"


def render(amendment: Amendment) -> bytes:
    """The file's bytes: the same amendment gives the same."""
    return typeset(amendment_paper(amendment))

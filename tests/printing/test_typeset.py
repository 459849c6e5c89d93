"""Papers: equal bytes, many pages in pieces, any text as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.printing import typeset as module
from api.printing.blocks import Block, Cell, Width, end, heading, place_date, signature, table, text, title
from api.printing.join import join, page_count
from api.printing.letters import printable
from api.printing.typeset import Paper, Part, typeset
from tests.evidence.checker import has_page
from tests.printing.reading import last_page_can_be_read, objects_stand_where_the_table_says, pages_of

HOSTILE = [
    '=HYPERLINK("x")', "#eval(\"1\") #panic()", "*b* _i_ $x$ `r` <a> @b /* c", "[B]x[/]", "= h", "- l", "\\u{0}",
    "\x00\x1b[31m",
    "友誼運輸", "🚛", "\u202egnp.exe", "\ufeff", "x" * 300, "\ud7ff", "a\tb\r\nc", "",
]  # fmt: skip


def paper(rows: int, said: str = "Xe 12C12345") -> Paper:
    def blocks() -> Iterator[Block]:
        yield title("PHỤ LỤC", ("Đường bộ, cầu, phà",))
        yield table(
            (Width(10, "center"), Width(1, fr=True)),
            [[Cell("STT"), Cell("Nội dung")]],
            ([str(number), said] for number in range(rows)),
            [["", f"Cộng {rows}"]],
        )
        yield end()

    cover = [heading("Ủy ban\nSở", "Lạng Sơn", 0), text(said), signature(("Lưu: VT.",), ("GIÁM ĐỐC",))]
    return Paper("Danh sách", "Sở", "số 1", 0, (Part(cover), Part(list(blocks()), flipped=True)))


def test_the_same_paper_gives_the_same_bytes_and_no_clock_goes_in() -> None:
    assert typeset(paper(30)) == typeset(paper(30))
    assert b"CreationDate(D:1970" in typeset(paper(3))


def test_pieces_are_joined_into_one_file_of_all_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = typeset(paper(700))
    monkeypatch.setattr(module, "_PIECE_LETTERS", 5_000)
    told: list[int] = []
    pieces = typeset(paper(700), told.append)
    assert len(told) > 6
    assert told[-1] == pages_of(pieces) >= pages_of(whole) > 10
    for pdf in (whole, pieces):
        assert objects_stand_where_the_table_says(pdf)
        assert last_page_can_be_read(pdf, tmp_path)
        assert b"<xmpTPg:NPages>%d<" % pages_of(pdf) in pdf


def test_pages_are_counted_over_pieces() -> None:
    one = typeset(Paper("a", "b", "c", 0, [Part([text("1")])]))
    assert [page_count(one), pages_of(join([one, one, one]))] == [1, 3]
    assert join([one]) == one
    with pytest.raises(ValueError, match="no pages"):
        join([])


@pytest.mark.parametrize("broken", [b"", b"%PDF-1.7\n", b"%PDF-1.7\nstartxref\n5\n%%EOF\n"])
def test_what_is_not_ours_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="not a PDF of our typesetter"):
        page_count(broken)


@pytest.mark.parametrize("said", HOSTILE, ids=ascii)
def test_any_text_is_set_as_text(said: str, tmp_path: Path) -> None:
    assert has_page(typeset(paper(2, said)), 2, tmp_path)


def test_letters_that_the_font_has_not_are_named() -> None:
    assert printable("Công ty 中文, Đồng Đăng") == "Công ty [U+4E2D U+6587], Đồng Đăng"
    assert printable("\u202e") == "[U+202E]"
    assert printable("a" * 30).replace("\u200b", "") == "a" * 30


def test_every_letter_that_passes_is_in_the_font() -> None:
    passing = "".join(chr(code) for code in range(0x20, 0x10000) if printable(chr(code)) == chr(code))
    assert len(passing) > 900
    typeset(Paper("a", "b", "c", 0, [Part([text(passing), title(passing), signature((passing,), (passing,))])]))


def test_the_date_is_written_as_official_papers_write_it() -> None:
    assert place_date("Lạng Sơn", 0) == "Lạng Sơn, ngày 01 tháng 01 năm 1970"
    assert place_date("", 68 * 86_400) == "Ngày 10 tháng 3 năm 1970"
    assert "....." in place_date("Lạng Sơn", None)

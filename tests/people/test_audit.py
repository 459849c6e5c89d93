"""The audit log: nothing in it can be changed, and what was changed all the same is found, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from storage.audit.chain import Anchor, end_of, holds, verify
from storage.audit.log import By, What, entries, record
from storage.database import Connection, connect, scalar, transaction
from storage.people.sessions import POLICY, log_in
from storage.people.throttle import Limits
from tests.people.samples import NOW, PASSWORD, person

HERE = "198.51.100.1"
BY = By(None, HERE, "req-1", "command")
ODD = ("29B-123.45", "vì sao: “đơn” \n5:tab\t,-,", "", "a\0b", "\ud800", "🚚", "12:,")


@pytest.fixture
def store(emptied: str) -> Iterator[Connection]:
    with connect(emptied) as connection:
        yield connection


@pytest.fixture
def filled(store: Connection) -> Connection:
    for text in ODD:
        record(store, BY, What.LOOK_UP_VEHICLE, text, text, text)
    record(store, By(person(store, "lan", "inspector"), HERE), What.LOOK_UP_DRIVER, "790123456789", "complaint 17")
    store.commit()
    return store


def forge(connection: Connection, statement: str, *parameters: object) -> None:
    """What somebody can do who owns the database: the triggers are switched off first."""
    connection.execute("SET LOCAL session_replication_role = replica")
    connection.execute(statement.encode(), parameters or None)
    connection.commit()


def test_an_untouched_chain_holds_whatever_stands_in_it(filled: Connection) -> None:
    verdict = verify(filled)
    assert verdict.fault is None
    assert verdict.rows == len(ODD) + 1
    assert verdict.end == end_of(filled)
    assert holds(filled, verdict.end)


def test_an_empty_chain_holds(store: Connection) -> None:
    assert verify(store, [end_of(store)]) == (0, Anchor(0, "00" * 32), None)
    assert holds(store, end_of(store))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET reason = 'x'", "UPDATE audit SET reason = 'x' WHERE false", "DELETE FROM audit",
     "TRUNCATE audit", "DELETE FROM audit WHERE number = 3"],
)  # fmt: skip
def test_change_is_refused_to_the_owner_too(filled: Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"), transaction(filled):
        filled.execute(statement.encode())
    assert verify(filled).fault is None


@pytest.mark.parametrize(
    "column",
    ["at = at + interval '1 microsecond'", "person_id = 99", "login = 'minh'", "via = 'session'", "what = 'search'",
     "subject = 'x'", "reason = NULL", "detail = ''", "address = ''", "request = NULL", "hash = sha256('x')"],
)  # fmt: skip
def test_a_changed_row_is_named(filled: Connection, column: str) -> None:
    forge(filled, f"UPDATE audit SET {column} WHERE number = 4")  # noqa: S608
    verdict = verify(filled)
    assert verdict.rows == 3
    assert verdict.fault is not None
    assert verdict.fault.startswith("row 4 does not follow")


def test_fields_cannot_be_shifted_into_one_another(store: Connection) -> None:
    record(store, BY, What.SEARCH, "a", "b")
    store.commit()
    forge(store, "UPDATE audit SET subject = 'a,1:b', reason = NULL")
    assert verify(store).fault is not None


def test_a_changed_row_with_a_hash_of_its_own_made_anew_is_found_at_the_next(filled: Connection) -> None:
    forge(
        filled,
        """UPDATE audit a SET reason = 'x', hash = sha256(b.hash || convert_to(audit_text(
               (SELECT c FROM (SELECT a.number, a.at, a.person_id, a.login, a.via, a.what, a.subject, 'x'::text,
                                      a.detail, a.address, a.request, a.hash) AS c)::text::audit), 'UTF8'))
           FROM audit b WHERE a.number = 4 AND b.number = 3""",
    )
    verdict = verify(filled)
    assert verdict.fault is not None
    assert verdict.fault.startswith("row 5 does not follow")


@pytest.mark.parametrize("number", [1, 4])
def test_a_removed_row_is_named(filled: Connection, number: int) -> None:
    forge(filled, "DELETE FROM audit WHERE number = %s", number)
    assert verify(filled).fault == f"row {number} is missing: the next one is row {number + 1}"


def test_rows_that_changed_places_are_named(filled: Connection) -> None:
    forge(filled, "UPDATE audit SET number = CASE number WHEN 3 THEN 1004 ELSE 1003 END WHERE number IN (3, 4)")
    forge(filled, "UPDATE audit SET number = number - 1000 WHERE number > 1000")
    verdict = verify(filled)
    assert verdict.rows == 2
    assert verdict.fault is not None
    assert verdict.fault.startswith("row 3 does not follow")


def test_numbers_closed_up_do_not_hide_a_removed_row(filled: Connection) -> None:
    forge(filled, "DELETE FROM audit WHERE number = 4")
    forge(filled, "UPDATE audit SET number = number - 1 WHERE number > 4")
    verdict = verify(filled)
    assert verdict.fault is not None
    assert verdict.fault.startswith("row 4 does not follow")


def test_a_cut_end_is_found_by_an_anchor_only(filled: Connection) -> None:
    anchor = end_of(filled)
    forge(filled, "DELETE FROM audit WHERE number > %s", anchor.number - 2)
    assert verify(filled).fault is None
    assert not holds(filled, anchor)
    missing = anchor.number - 1
    said = f"row {missing} is missing: the end is cut off, row {anchor.number} was anchored"
    assert verify(filled, [anchor]).fault == said


def test_a_cut_end_that_grew_again_is_found_by_an_anchor(filled: Connection) -> None:
    anchor = end_of(filled)
    forge(filled, "DELETE FROM audit WHERE number > %s", anchor.number - 2)
    for _ in range(5):
        record(filled, BY, What.SEARCH, "something else")
    assert verify(filled).fault is None
    fault = verify(filled, [Anchor(1, scalar(filled, "SELECT encode(hash, 'hex') FROM audit LIMIT 1")), anchor]).fault
    assert fault is not None
    assert fault.startswith(f"row {anchor.number} is not the one that was anchored")


def test_number_time_and_hash_are_not_for_the_writer_to_choose(store: Connection) -> None:
    store.execute(
        "INSERT INTO audit (number, at, via, what, address, hash) VALUES (77, 'epoch', 'token', 'search', '', 'x')"
    )
    assert scalar(store, "SELECT number FROM audit") == 1
    assert scalar(store, "SELECT at > now() - interval '1 day' FROM audit")
    assert verify(store).fault is None


def test_rows_of_one_statement_follow_one_another(store: Connection) -> None:
    store.execute(
        "INSERT INTO audit (via, what, address) SELECT 'token', 'search', n::text FROM generate_series(1, 50) n"
    )
    assert verify(store) == (50, end_of(store), None)


@pytest.mark.native_server
def test_writers_at_once_make_one_chain(store: Connection, emptied: str) -> None:
    def write(worker: int) -> None:
        with connect(emptied) as own:
            for number in range(25):
                record(own, BY, What.SEARCH, f"{worker}-{number}")
                if number % 5 == 0:
                    own.rollback()
                else:
                    own.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    verdict = verify(store)
    assert verdict.fault is None
    assert verdict.rows == 4 * 20


@pytest.mark.native_server
def test_a_writer_that_sees_an_older_state_cannot_fork_the_chain(filled: Connection, emptied: str) -> None:
    with connect(emptied) as own:
        own.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        scalar(own, "SELECT count(*) FROM audit")
        record(filled, BY, What.SEARCH)
        filled.commit()
        with pytest.raises(psycopg.errors.UniqueViolation):
            record(own, BY, What.SEARCH)
    assert verify(filled).fault is None


def test_logins_are_on_record_and_what_nobody_is_called_is_not(store: Connection) -> None:
    lan = person(store, "lan", "inspector")
    few = POLICY._replace(limits=Limits(login_max=2, address_max=50))
    assert log_in(store, "lan", PASSWORD, HERE, NOW, "req-7", policy=few) is not None
    for _ in range(5):
        assert log_in(store, "lan", "wrong", HERE, NOW, policy=few) is None
    assert log_in(store, "my secret password", "lan", HERE, NOW, policy=few) is None
    rows = [(one.what, one.login, one.subject, one.detail, one.request) for one in reversed(entries(store, 100))]
    assert rows == [
        ("login", lan.login, "lan", None, "req-7"),
        ("login_refused", None, "lan", None, None),
        ("login_refused", None, "lan", None, None),
        ("login_refused", None, "lan", "too many attempts", None),
        ("login_refused", None, None, None, None),
    ]
    assert verify(store).fault is None


def test_entries_are_found_by_each_filter_and_page_by_page(filled: Connection) -> None:
    everything = entries(filled, 100)
    assert [one.number for one in everything] == list(range(len(ODD) + 1, 0, -1))
    assert [one.subject for one in entries(filled, 9, login="lan")] == ["790123456789"]
    assert [one.number for one in entries(filled, 9, subject="29B-123.45")] == [1]
    assert [one.number for one in entries(filled, 9, what="look_up_driver")] == [len(ODD) + 1]
    at = everything[0].at
    assert entries(filled, 9, since=at + 3600) == []
    assert entries(filled, 9, until=at - 3600) == []
    assert [one.number for one in entries(filled, 2, before=4)] == [3, 2]
    assert everything[0].reason == "complaint 17"

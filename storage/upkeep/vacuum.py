"""What keeps the tables in shape: which of them wait for a VACUUM, by the server's own settings. Nothing is run here.

Autovacuum does all of this by itself where it keeps up; a plan that is not empty says that it does not, or not yet.
"""

from __future__ import annotations

from typing import NamedTuple

from storage.database import Connection

# A row takes its columns, 24 bytes of header and 4 of its place in the page; what is above is free space or dead rows.
_TABLES = """
    SELECT s.relid::regclass::text, s.n_live_tup, s.n_dead_tup, s.n_mod_since_analyze,
           extract(epoch FROM greatest(s.last_vacuum, s.last_autovacuum))::bigint,
           extract(epoch FROM greatest(s.last_analyze, s.last_autoanalyze))::bigint,
           pg_relation_size(s.relid), (c.reltuples * (28 + w.width))::bigint,
           s.n_dead_tup > current_setting('autovacuum_vacuum_threshold')::float8
               + current_setting('autovacuum_vacuum_scale_factor')::float8 * greatest(c.reltuples, 0),
           s.n_mod_since_analyze > current_setting('autovacuum_analyze_threshold')::float8
               + current_setting('autovacuum_analyze_scale_factor')::float8 * greatest(c.reltuples, 0),
           age(c.relfrozenxid) > current_setting('autovacuum_freeze_max_age')::bigint
    FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
    LEFT JOIN LATERAL (SELECT sum(avg_width * (1 - null_frac)) AS width FROM pg_stats
                       WHERE schemaname = s.schemaname AND tablename = s.relname) AS w ON true
    WHERE c.relkind = 'r'
    ORDER BY s.n_dead_tup DESC, s.relid::regclass::text
"""
_BLOATED = 2  # times the bytes that its rows need
_BLOAT_MIN_BYTES = 64 << 20  # below it nobody gains by rewriting a table


class TableCare(NamedTuple):
    """One table as the server's statistics have it; the counts are estimates. Times in s UTC, None: never."""

    name: str  # as SQL writes it
    live: int
    dead: int
    changed: int  # rows changed since it was last analysed
    vacuumed_at: int | None
    analysed_at: int | None
    heap_bytes: int  # without indexes and long values
    needed_bytes: int | None  # for its rows; None: never analysed
    vacuum_due: bool
    analyse_due: bool
    freeze_due: bool

    @property
    def bloated(self) -> bool:
        """Whether it takes far more than its rows need."""
        return (
            self.needed_bytes is not None
            and self.heap_bytes > _BLOAT_MIN_BYTES
            and self.heap_bytes > _BLOATED * self.needed_bytes
        )


class Statement(NamedTuple):
    sql: str
    why: str
    locks: bool  # whether the table can be neither read nor written meanwhile


def table_care(connection: Connection) -> list[TableCare]:
    """Every table, that with the most dead rows first."""
    return [TableCare(*row) for row in connection.execute(_TABLES)]


def plan(tables: list[TableCare]) -> list[Statement]:
    """The statements that would bring tables into shape, those that lock a table last."""
    statements = []
    for one in tables:
        if one.freeze_due:
            statements.append(
                Statement(f"VACUUM (FREEZE, ANALYZE) {one.name};", "its oldest row numbers run out", False)
            )
        elif one.vacuum_due:
            why = f"{one.dead} dead rows beside {one.live}"
            statements.append(Statement(f"VACUUM (ANALYZE) {one.name};", why, False))
        elif one.analyse_due:
            why = f"{one.changed} rows changed since it was analysed"
            statements.append(Statement(f"ANALYZE {one.name};", why, False))
    for one in tables:
        if one.bloated:
            why = f"{one.heap_bytes >> 20} MiB, about {(one.needed_bytes or 0) >> 20} MiB needed"
            statements.append(Statement(f"VACUUM (FULL, ANALYZE) {one.name};", why, True))
    return statements

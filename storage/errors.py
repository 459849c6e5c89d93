"""What can be wrong with the store, in words that say what to do."""

from __future__ import annotations


class StoreUnavailable(RuntimeError):  # noqa: N818
    """The database cannot be used now; the message says what to do about it and holds no password."""


class MigrationRefused(RuntimeError):  # noqa: N818
    """The database and this program do not fit together; the message says why."""


class BackupRefused(RuntimeError):  # noqa: N818
    """A backup cannot be made, or not be restored here; nothing of it was written. The message says what to do."""


class OffsetMismatch(RuntimeError):  # noqa: N818
    """A batch does not start where its source stands: another process has committed that part already."""

    def __init__(self, source: str, position_from: int, stored: int) -> None:
        super().__init__(
            f"{source}: the batch starts at {position_from} but the store stands at {stored}; resume from there"
        )
        self.source = source
        self.position_from = position_from
        self.stored = stored


class Unstorable(ValueError):  # noqa: N818
    """Some record of a batch cannot be held by the tables; nothing of the batch is stored."""


class AmbiguousPrefix(LookupError):  # noqa: N818
    """Several findings begin with what was asked for; `ids` lists them."""

    def __init__(self, prefix: str, ids: list[str]) -> None:
        super().__init__(f"{prefix!r} is the start of {len(ids)} findings: {', '.join(ids)}")
        self.prefix = prefix
        self.ids = ids


class PublishedMeanwhile(RuntimeError):  # noqa: N818
    """Another process has published at the same place; nothing of this attempt is stored."""


class PublishedDamaged(RuntimeError):  # noqa: N818
    """What the store keeps of a published list is not what was published. The message says of which."""


class StoreBusy(RuntimeError):  # noqa: N818
    """Something needs a table for itself and did not get it in time: nothing was changed, try again later."""


class DropRefused(RuntimeError):  # noqa: N818
    """Old fixes cannot be dropped now; nothing was changed. The message says what to do."""


class AlreadyDelivered(RuntimeError):  # noqa: N818
    """A list was delivered to a recipient twice; the first success is the one on record."""


class ImportRefused(RuntimeError):  # noqa: N818
    """Roads cannot be taken in as they are; nothing of them was. The message says what to do."""

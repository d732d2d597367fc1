"""The documents of a simulated Firestore, with transactions that notice each other, and how much was written."""

import time
from collections.abc import Iterator, Sequence
from itertools import count

import grpc  # type: ignore[import-untyped]
from google.protobuf.timestamp_pb2 import Timestamp  # type: ignore[import-untyped]
from msgspec import Struct, field

from adapters.inbound.simulators.firestore_values import Pb, path_key, size_of_document
from adapters.inbound.simulators.firestore_writes import FirestoreRefusal, WriteResult, target, written

_SECOND = 1_000_000


class FirestoreMetrics(Struct):
    """What was asked of a simulated Firestore."""

    requests: dict[str, int] = field(default_factory=dict)
    """Method -> calls, refused ones among them."""
    documents_read: int = 0
    documents_written: int = 0
    documents_deleted: int = 0
    bytes_written: int = 0
    """As Firestore counts the size of documents."""
    largest_document: int = 0
    """Bytes."""


class FirestoreStore:
    """Documents by name. Versions are times that never come twice."""

    def __init__(self) -> None:
        self.metrics = FirestoreMetrics()
        self._documents: dict[str, Pb] = {}
        self._collections: dict[str, dict[str, Pb]] = {}
        self._transactions: dict[bytes, dict[str, Pb]] = {}
        """Transaction -> document -> the version it has read; None where there was no document."""
        self._numbers = count(1)
        self._last = 0

    def __len__(self) -> int:
        return len(self._documents)

    def names(self) -> list[str]:
        """The names of all documents, as paths below `documents/`."""
        return [name.partition("/documents/")[2] for name in sorted(self._documents)]

    def size(self, path: str) -> int:
        """Bytes of a document, as Firestore counts them; the path is that below `documents/`."""
        [found] = [(n, d) for n, d in self._documents.items() if n.partition("/documents/")[2] == path]
        return size_of_document(found[0], found[1].fields)

    def now(self) -> Pb:
        """A time after all that were told before."""
        self._last = max(time.time_ns() // 1_000, self._last + 1)
        return Timestamp(seconds=self._last // _SECOND, nanos=self._last % _SECOND * 1_000)

    def begin(self) -> bytes:
        """A new transaction."""
        transaction = f"transaction {next(self._numbers)}".encode()
        self._transactions[transaction] = {}
        return transaction

    def roll_back(self, transaction: bytes) -> None:
        """Forgets a transaction."""
        self._transactions.pop(transaction, None)

    def read(self, name: str, transaction: bytes = b"") -> Pb | None:
        """A document, or None; within a transaction, it is remembered that it was read."""
        document = self._documents.get(name)
        self.metrics.documents_read += 1
        if transaction:
            self._reads(transaction).setdefault(name, None if document is None else document.update_time)
        return document

    def collection(self, path: str) -> list[Pb]:
        """The documents directly in a collection, by name."""
        held = self._collections.get(path, {})
        return [held[name] for name in sorted(held, key=path_key)]

    def missing(self, path: str) -> set[str]:
        """Names in a collection below which there are documents, while there is none of that name."""
        below = {
            f"{path}/{inner.removeprefix(f'{path}/').partition('/')[0]}"
            for inner, held in self._collections.items()
            if held and inner.startswith(f"{path}/")
        }
        return below - self._collections.get(path, {}).keys()

    def group(self, parent: str, identifier: str) -> Iterator[Pb]:
        """The documents of all collections of a name, at any depth below a document."""
        for path in list(self._collections):
            if path.startswith(f"{parent}/") and path.rpartition("/")[2] == identifier:
                yield from self.collection(path)

    def collection_ids(self, parent: str) -> list[str]:
        """The names of the collections right below a document."""
        below = {
            path.removeprefix(f"{parent}/").partition("/")[0]
            for path in self._collections
            if self._collections[path] and path.startswith(f"{parent}/")
        }
        return sorted(below)

    def commit(self, writes: Sequence[Pb], transaction: bytes = b"") -> tuple[list[Pb], Pb]:
        """Writes all or nothing; gives a result for each write, and the time.

        Raises:
            FirestoreRefusal: nothing was written.
        """
        self._check_transaction(transaction)
        now = self.now()
        staged: dict[str, Pb | None] = {}
        outcomes = []
        for write in writes:
            name = target(write)
            before = staged.get(name, self._documents.get(name))
            after, computed = written(write, before, now=now)
            if after is not None:
                _stamp(after, before, now)
            staged[name] = after
            outcomes.append(
                WriteResult(update_time=now if after is None else after.update_time, transform_results=computed)
            )
        for name, after in staged.items():
            self._put(name, after)
        return outcomes, now

    def _check_transaction(self, transaction: bytes) -> None:
        if not transaction:
            return
        reads = self._reads(transaction)
        self.roll_back(transaction)
        for name, version in reads.items():
            document = self._documents.get(name)
            if version != (None if document is None else document.update_time):
                message = "Too much contention on these documents. Please try again."
                raise FirestoreRefusal(grpc.StatusCode.ABORTED, message)

    def _reads(self, transaction: bytes) -> dict[str, Pb]:
        if transaction not in self._transactions:
            raise FirestoreRefusal(
                grpc.StatusCode.INVALID_ARGUMENT, "The referenced transaction has expired or is no longer valid."
            )
        return self._transactions[transaction]

    def _put(self, name: str, document: Pb | None) -> None:
        path = name.rpartition("/")[0]
        if document is None:
            self.metrics.documents_deleted += 1
            self._documents.pop(name, None)
            self._collections.get(path, {}).pop(name, None)
            return
        size = size_of_document(name, document.fields)
        self.metrics.documents_written += 1
        self.metrics.bytes_written += size
        self.metrics.largest_document = max(self.metrics.largest_document, size)
        self._documents[name] = document
        self._collections.setdefault(path, {})[name] = document


def _stamp(after: Pb, before: Pb | None, now: Pb) -> None:
    """Gives a document its times. One that a write left as it was keeps its version, as with Firestore."""
    after.create_time.CopyFrom(now if before is None else before.create_time)
    unchanged = before is not None and before.fields == after.fields
    after.update_time.CopyFrom(before.update_time if before is not None and unchanged else now)

"""The methods of a simulated Firestore: requests to answers, without a network."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.cloud.firestore_v1.types import aggregation_result, document, firestore
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]

from adapters.inbound.simulators.firestore_query import needs_composite_index, results, selected
from adapters.inbound.simulators.firestore_store import FirestoreStore
from adapters.inbound.simulators.firestore_values import Pb, path_key
from adapters.inbound.simulators.firestore_writes import FirestoreRefusal

MAX_REQUEST = 10 * 1024 * 1024
"""Bytes."""
MAX_BATCH = 500
_PAGE = 300


class FirestoreMethods:
    """What each method does. Those that answer with a stream give an iterator."""

    def __init__(self, store: FirestoreStore, *, composite_indexes: bool) -> None:
        self._store = store
        self._composite_indexes = composite_indexes

    def get_document(self, request: Pb) -> Pb:
        """A document."""
        found = self._store.read(request.name, request.transaction)
        if found is None:
            raise FirestoreRefusal(grpc.StatusCode.NOT_FOUND, f'Document "{request.name}" not found.')
        return _masked(found, request)

    def batch_get_documents(self, request: Pb) -> Iterator[Pb]:
        """Documents by name, missing ones among them."""
        answer = firestore.BatchGetDocumentsResponse.meta.pb
        transaction = request.transaction
        if request.HasField("new_transaction"):
            transaction = self._store.begin()
            yield answer(transaction=transaction)
        for name in dict.fromkeys(request.documents):
            found = self._store.read(name, transaction)
            now = self._store.now()
            yield (
                answer(missing=name, read_time=now)
                if found is None
                else answer(found=_masked(found, request), read_time=now)
            )

    def commit(self, request: Pb) -> Pb:
        """Writes, all or none."""
        if request.ByteSize() > MAX_REQUEST:
            raise FirestoreRefusal(
                grpc.StatusCode.INVALID_ARGUMENT, "Request payload size exceeds the limit: 10485760 bytes."
            )
        outcomes, now = self._store.commit(request.writes, request.transaction)
        return firestore.CommitResponse.meta.pb(write_results=outcomes, commit_time=now)

    def batch_write(self, request: Pb) -> Pb:
        """Writes, each for itself."""
        if len(request.writes) > MAX_BATCH:
            raise FirestoreRefusal(grpc.StatusCode.INVALID_ARGUMENT, f"maximum {MAX_BATCH} writes allowed per request")
        answer = firestore.BatchWriteResponse.meta.pb()
        for write in request.writes:
            status = answer.status.add()
            try:
                outcomes, _ = self._store.commit([write])
                answer.write_results.append(outcomes[0])
            except FirestoreRefusal as refusal:
                answer.write_results.add()
                status.code, status.message = refusal.code.value[0], refusal.message
        return answer

    def begin_transaction(self, _request: Pb) -> Pb:
        """A new transaction."""
        return firestore.BeginTransactionResponse.meta.pb(transaction=self._store.begin())

    def rollback(self, request: Pb) -> Pb:
        """Forgets a transaction."""
        self._store.roll_back(request.transaction)
        return Empty()

    def run_query(self, request: Pb) -> Iterator[Pb]:
        """The documents that a query finds."""
        answer = firestore.RunQueryResponse.meta.pb
        found = self._found(request.parent, request.structured_query)
        for one in found:
            self._store.read(one.name, request.transaction)
            yield answer(document=one, read_time=self._store.now())
        if not found:
            yield answer(read_time=self._store.now())

    def run_aggregation_query(self, request: Pb) -> Iterator[Pb]:
        """How many documents a query finds."""
        asked = request.structured_aggregation_query
        found = len(self._found(request.parent, asked.structured_query))
        outcome = aggregation_result.AggregationResult.meta.pb()
        for number, aggregation in enumerate(asked.aggregations, 1):
            if aggregation.WhichOneof("operator") != "count":
                raise FirestoreRefusal(grpc.StatusCode.UNIMPLEMENTED, "only counting is simulated")
            most = aggregation.count.up_to.value or found
            outcome.aggregate_fields[aggregation.alias or f"field_{number}"].integer_value = min(found, most)
        yield firestore.RunAggregationQueryResponse.meta.pb(result=outcome, read_time=self._store.now())

    def list_documents(self, request: Pb) -> Pb:
        """A page of the documents of a collection, by name."""
        path = f"{request.parent}/{request.collection_id}"
        names = self._store.collection(path)
        if request.show_missing:  # as documents that have nothing but a name
            names += [document.Document.meta.pb(name=name) for name in self._store.missing(path)]
            names.sort(key=lambda one: path_key(one.name))
        start = int(request.page_token or 0)
        end = start + (request.page_size or _PAGE)
        answer = firestore.ListDocumentsResponse.meta.pb()
        answer.documents.extend(_masked(one, request) for one in names[start:end])
        answer.next_page_token = str(end) if end < len(names) else ""
        self._store.metrics.documents_read += len(answer.documents)
        return answer

    def list_collection_ids(self, request: Pb) -> Pb:
        """The names of the collections right below a document."""
        return firestore.ListCollectionIdsResponse.meta.pb(collection_ids=self._store.collection_ids(request.parent))

    def _found(self, parent: str, query: Pb) -> list[Pb]:
        if not self._composite_indexes and needs_composite_index(query):
            raise FirestoreRefusal(grpc.StatusCode.FAILED_PRECONDITION, "The query requires an index.")
        [source] = query.from_
        if source.all_descendants:
            return results(query, self._store.group(parent, source.collection_id))
        return results(query, self._store.collection(f"{parent}/{source.collection_id}"))


def _masked(found: Pb, request: Pb) -> Pb:
    return selected(found, request.mask.field_paths) if request.HasField("mask") else found


STREAMS: dict[str, tuple[Any, Callable[[FirestoreMethods, Any], Any]]] = {
    "BatchGetDocuments": (firestore.BatchGetDocumentsRequest, FirestoreMethods.batch_get_documents),
    "RunQuery": (firestore.RunQueryRequest, FirestoreMethods.run_query),
    "RunAggregationQuery": (firestore.RunAggregationQueryRequest, FirestoreMethods.run_aggregation_query),
}
"""Method -> its request, and what it does: those that answer with many messages."""
SINGLES: dict[str, tuple[Any, Callable[[FirestoreMethods, Pb], Pb]]] = {
    "GetDocument": (firestore.GetDocumentRequest, FirestoreMethods.get_document),
    "Commit": (firestore.CommitRequest, FirestoreMethods.commit),
    "BatchWrite": (firestore.BatchWriteRequest, FirestoreMethods.batch_write),
    "BeginTransaction": (firestore.BeginTransactionRequest, FirestoreMethods.begin_transaction),
    "Rollback": (firestore.RollbackRequest, FirestoreMethods.rollback),
    "ListDocuments": (firestore.ListDocumentsRequest, FirestoreMethods.list_documents),
    "ListCollectionIds": (firestore.ListCollectionIdsRequest, FirestoreMethods.list_collection_ids),
}
"""Method -> its request, and what it does: those that answer with one message."""

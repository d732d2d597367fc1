"""Firestore, simulated: the service that the SDK speaks to, over gRPC, with everything in memory.

It knows documents, preconditions, transforms, queries with filters, order, cursors and projections, counting,
batches, and transactions that fail when somebody else was faster. It refuses what Firestore refuses: documents of more
than 1 MiB, arrays within arrays, reserved names, and queries that need an index nobody made. It does not listen.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import grpc  # type: ignore[import-untyped]
import grpc.aio  # type: ignore[import-untyped]

from adapters.inbound.simulators.firestore_faults import FirestoreFault, FirestoreFaultKind, FirestoreScript
from adapters.inbound.simulators.firestore_methods import SINGLES, STREAMS, FirestoreMethods
from adapters.inbound.simulators.firestore_store import FirestoreMetrics, FirestoreStore
from adapters.inbound.simulators.firestore_writes import FirestoreRefusal

SERVICE = "google.firestore.v1.Firestore"
_ANY_SIZE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), ("grpc.so_reuseport", 0)]


class FirestoreSimulation:
    """A simulated Firestore that runs."""

    def __init__(self, store: FirestoreStore, *, script: FirestoreScript) -> None:
        self.store = store
        self.script = script
        """What goes wrong with the calls to come. May be exchanged at any time; calls are counted on."""
        self.url = ""
        """Host and port, as the SDK wants them."""

    @property
    def metrics(self) -> FirestoreMetrics:
        """What was asked so far."""
        return self.store.metrics

    async def admit(self, method: str, context: Any) -> FirestoreFault | None:  # noqa: ANN401 - of gRPC
        """Counts a call and lets it suffer what the script says; gives the fault that is to follow its answer."""
        self.metrics.requests[method] = self.metrics.requests.get(method, 0) + 1
        if self.script.latency_seconds:
            await anyio.sleep(self.script.latency_seconds)
        fault = self.script.of_call(method, calls=self.metrics.requests)
        if fault is None or fault.kind is FirestoreFaultKind.LOST_ANSWER:
            return fault
        if fault.kind is FirestoreFaultKind.HANG:
            await anyio.sleep_forever()
        await fail(fault, context)
        return None


async def fail(fault: FirestoreFault, context: Any) -> None:  # noqa: ANN401 - of gRPC
    """Ends a call as a script says."""
    await context.abort(grpc.StatusCode[fault.status], "by script")


@asynccontextmanager
async def serve_firestore(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    script: FirestoreScript | None = None,
    store: FirestoreStore | None = None,
    composite_indexes: bool = False,
) -> AsyncIterator[FirestoreSimulation]:
    """Runs a simulation until the context is left; port 0 takes a free one.

    Args:
        host: where to listen.
        port: where to listen.
        script: what goes wrong.
        store: documents to go on with.
        composite_indexes: answer queries that need an index of several fields, as if somebody had made it.

    Raises:
        OSError: the address is taken or is none.
    """
    simulation = FirestoreSimulation(store or FirestoreStore(), script=script or FirestoreScript())
    methods = FirestoreMethods(simulation.store, composite_indexes=composite_indexes)
    server = grpc.aio.server(options=_ANY_SIZE)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, _handlers(simulation, methods)),))
    try:
        simulation.url = f"{host}:{server.add_insecure_port(f'{host}:{port}')}"
    except RuntimeError as error:
        raise OSError(None, "the address is taken or is none") from error
    await server.start()
    try:
        yield simulation
    finally:
        with anyio.CancelScope(shield=True):
            await server.stop(grace=None)


def _handlers(simulation: FirestoreSimulation, methods: FirestoreMethods) -> dict[str, Any]:
    handlers = {}
    for name, (request, answer) in SINGLES.items():
        handlers[name] = grpc.unary_unary_rpc_method_handler(
            _single(simulation, methods, name, answer),
            request_deserializer=request.meta.pb.FromString,
            response_serializer=_encoded,
        )
    for name, (request, answer) in STREAMS.items():
        handlers[name] = grpc.unary_stream_rpc_method_handler(
            _stream(simulation, methods, name, answer),
            request_deserializer=request.meta.pb.FromString,
            response_serializer=_encoded,
        )
    return handlers


def _encoded(message: Any) -> bytes:  # noqa: ANN401 - a protobuf
    return bytes(message.SerializeToString())


Answer = Callable[[FirestoreMethods, Any], Any]


def _single(simulation: FirestoreSimulation, methods: FirestoreMethods, name: str, answer: Answer) -> Any:  # noqa: ANN401 - a coroutine function for gRPC
    async def handle(request: Any, context: Any) -> Any:  # noqa: ANN401 - protobufs
        fault = await simulation.admit(name, context)
        try:
            done = answer(methods, request)
        except FirestoreRefusal as refusal:
            await context.abort(refusal.code, refusal.message)
        if fault is not None:
            await fail(fault, context)
        return done

    return handle


def _stream(simulation: FirestoreSimulation, methods: FirestoreMethods, name: str, answer: Answer) -> Any:  # noqa: ANN401 - an async generator function for gRPC
    async def handle(request: Any, context: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - protobufs
        fault = await simulation.admit(name, context)
        try:
            for message in answer(methods, request):
                yield message
        except FirestoreRefusal as refusal:
            await context.abort(refusal.code, refusal.message)
        if fault is not None:
            await fail(fault, context)

    return handle

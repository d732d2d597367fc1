"""Firestore for tests: simulated, and reached as settings say."""

from typing import Any, TypeVar

from adapters.inbound.simulators.firestore import FirestoreSimulation
from adapters.outbound.firestore_settings import FirestoreSettings

T = TypeVar("T", bound=FirestoreSettings)


def reaching(simulation: FirestoreSimulation, kind: type[T], **fields: Any) -> T:
    """Settings of an adapter that is to use a simulation."""
    return kind(**({"project": "omi", "host": simulation.url, "insecure": True} | fields))

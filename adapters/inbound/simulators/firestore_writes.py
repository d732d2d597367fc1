"""One write of Firestore, simulated: its precondition, what it replaces, what it computes on the server."""

from typing import Any

import grpc  # type: ignore[import-untyped]
from google.cloud.firestore_v1.types import write as write_types

from adapters.inbound.simulators.firestore_values import (
    InvalidValue,
    Pb,
    PbDocument,
    PbValue,
    check_document,
    found_at,
    kind_of,
    put_at,
    rank_of,
    sort_key,
)

_NUMBER_RANK = 2


class FirestoreRefusal(Exception):
    """What a call is answered with instead of a result."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def target(write: Pb) -> str:
    """The name of the document that a write is about."""
    match write.WhichOneof("operation"):
        case "update":
            return str(write.update.name)
        case "delete":
            return str(write.delete)
        case _:
            return str(write.transform.document)


def written(write: Pb, before: Pb | None, *, now: Pb) -> tuple[Pb | None, list[Pb]]:
    """The document after a write, None where it is gone, and what transforms computed.

    Args:
        write: the write.
        before: the document as it is; None for none.
        now: the time of the commit, as a protobuf timestamp.

    Raises:
        FirestoreRefusal: the precondition does not hold, or the document cannot be stored.
    """
    name = target(write)
    _check_precondition(write, before, name)
    if write.WhichOneof("operation") == "delete":
        return None, []
    after = _changed(write, before, name)
    transforms = [*write.update_transforms, *write.transform.field_transforms]
    computed = [_transformed(after, transform, now) for transform in transforms]
    try:
        check_document(name, after.fields)
    except InvalidValue as error:
        raise FirestoreRefusal(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
    return after, computed


def _check_precondition(write: Pb, before: Pb | None, name: str) -> None:
    condition = write.current_document
    match condition.WhichOneof("condition_type"):
        case "exists" if condition.exists and before is None:
            raise FirestoreRefusal(grpc.StatusCode.NOT_FOUND, f"No document to update: {name}")
        case "exists" if not condition.exists and before is not None:
            raise FirestoreRefusal(grpc.StatusCode.ALREADY_EXISTS, f"Document already exists: {name}")
        case "update_time" if before is None or before.update_time != condition.update_time:
            message = "the stored version does not match the required base version"
            raise FirestoreRefusal(grpc.StatusCode.FAILED_PRECONDITION, message)


def _changed(write: Pb, before: Pb | None, name: str) -> Pb:
    after = PbDocument(name=name)
    if write.WhichOneof("operation") == "transform" or write.HasField("update_mask"):
        if before is not None:
            after.CopyFrom(before)
        for path in write.update_mask.field_paths:
            put_at(after.fields, path, found_at(write.update.fields, path))
    else:
        after.CopyFrom(write.update)
    return after


def _transformed(document: Pb, transform: Pb, now: Pb) -> Pb:
    before = found_at(document.fields, transform.field_path)
    kind = transform.WhichOneof("transform_type")
    given = getattr(transform, kind)
    match kind:
        case "set_to_server_value":
            after = PbValue(timestamp_value=now)
        case "append_missing_elements" | "remove_all_from_array":
            after = _with_elements(before, list(given.values), removing=kind == "remove_all_from_array")
        case _:
            after = _computed(kind, before, given)
    put_at(document.fields, transform.field_path, after)
    return after if kind in {"set_to_server_value", "increment", "maximum", "minimum"} else PbValue(null_value=0)


def _computed(kind: str, before: Pb | None, given: Pb) -> Pb:
    if before is None or rank_of(before) != _NUMBER_RANK:
        return given
    if kind == "increment":
        total = getattr(before, kind_of(before)) + getattr(given, kind_of(given))
        return PbValue(integer_value=total) if isinstance(total, int) else PbValue(double_value=total)
    return (max if kind == "maximum" else min)(before, given, key=sort_key)


def _with_elements(before: Pb | None, elements: list[Pb], *, removing: bool) -> Pb:
    held = list(before.array_value.values) if before is not None and kind_of(before) == "array_value" else []
    if removing:
        gone = [sort_key(element) for element in elements]
        held = [element for element in held if sort_key(element) not in gone]
    else:
        for element in elements:
            if sort_key(element) not in [sort_key(one) for one in held]:
                held.append(element)
    after = PbValue()
    after.array_value.SetInParent()
    after.array_value.values.extend(held)
    return after


WriteResult: Any = write_types.WriteResult.meta.pb

"""Queries of Firestore, simulated: which documents match, in which order, and from where to where."""

from collections.abc import Callable, Iterable, Sequence
from functools import cmp_to_key
from typing import Any

from google.cloud.firestore_v1.types import query as query_types
from msgspec import Struct

from adapters.inbound.simulators.firestore_values import Pb, PbDocument, PbValue, found_at, put_at, rank_of, sort_key

NAME = "__name__"
_FieldOperator: Any = query_types.StructuredQuery.FieldFilter.Operator
_UnaryOperator: Any = query_types.StructuredQuery.UnaryFilter.Operator
_Composite: Any = query_types.StructuredQuery.CompositeFilter.Operator
_NULL, _NAN = sort_key(PbValue(null_value=0)), sort_key(PbValue(double_value=float("nan")))
_DESCENDING = query_types.StructuredQuery.Direction.DESCENDING
_INEQUALITIES = {_FieldOperator(number) for number in (1, 2, 3, 4, 6, 10)}
_ORDERED: dict[int, Callable[[Any, Any], bool]] = {
    _FieldOperator.LESS_THAN: lambda one, other: one < other,
    _FieldOperator.LESS_THAN_OR_EQUAL: lambda one, other: one <= other,
    _FieldOperator.GREATER_THAN: lambda one, other: one > other,
    _FieldOperator.GREATER_THAN_OR_EQUAL: lambda one, other: one >= other,
}


class Order(Struct, frozen=True):
    """One of the fields that results are sorted by."""

    path: str
    descending: bool


def results(query: Pb, documents: Iterable[Pb]) -> list[Pb]:
    """The documents of a collection that a query finds, in its order; copies where only some fields are asked for."""
    orders = _orders(query)
    found = [d for d in documents if _matches(d, query.where) and all(_at(d, o.path) is not None for o in orders)]
    found.sort(key=cmp_to_key(lambda one, other: _compare(_place(one, orders), _place(other, orders), orders)))
    if query.HasField("start_at"):
        found = [d for d in found if _is_behind(d, query.start_at, orders)]
    if query.HasField("end_at"):
        found = [d for d in found if not _is_behind(d, query.end_at, orders)]
    found = found[query.offset :]
    if query.HasField("limit"):
        found = found[: query.limit.value]
    return [selected(d, [f.field_path for f in query.select.fields]) for d in found] if _selects(query) else found


def needs_composite_index(query: Pb) -> bool:
    """Whether the automatic indexes, one a field, cannot serve a query: Firestore refuses it until one is made."""
    filters = list(_field_filters(query.where))
    orders = [Order(o.field.field_path, o.direction == _DESCENDING) for o in query.order_by]
    sorted_by = [order for order in orders if order.path != NAME]
    turned = len(orders) > 1 and orders[-1].path == NAME and orders[-1].descending != orders[-2].descending
    elsewhere = bool(sorted_by) and any(f.field.field_path not in {sorted_by[0].path, NAME} for f in filters)
    ranged = {f.field.field_path for f in filters if f.op in _INEQUALITIES} - {NAME}
    mixed = bool(ranged) and any(f.field.field_path not in ranged | {NAME} for f in filters)
    return len(sorted_by) > 1 or turned or elsewhere or mixed


def selected(document: Pb, paths: Sequence[str]) -> Pb:
    """A copy of a document with some of its fields."""
    copy = PbDocument(name=document.name, create_time=document.create_time, update_time=document.update_time)
    for path in paths:
        value = found_at(document.fields, path) if path != NAME else None
        if value is not None:
            put_at(copy.fields, path, value)
    return copy


def _selects(query: Pb) -> bool:
    return bool(query.HasField("select"))


def _orders(query: Pb) -> list[Order]:
    """What is asked for and what follows from it: fields of inequalities, then the name."""
    orders = [Order(o.field.field_path, o.direction == _DESCENDING) for o in query.order_by]
    last = orders[-1].descending if orders else False
    named = {order.path for order in orders}
    ranged = sorted({f.field.field_path for f in _field_filters(query.where) if f.op in _INEQUALITIES} - named)
    orders += [Order(path, last) for path in ranged]
    return orders if NAME in named | set(ranged) else [*orders, Order(NAME, last)]


def _field_filters(where: Pb) -> Iterable[Pb]:
    match where.WhichOneof("filter_type"):
        case "field_filter":
            yield where.field_filter
        case "composite_filter":
            for inner in where.composite_filter.filters:
                yield from _field_filters(inner)


def _at(document: Pb, path: str) -> Pb | None:
    return PbValue(reference_value=document.name) if path == NAME else found_at(document.fields, path)


def _place(document: Pb, orders: Sequence[Order]) -> list[Any]:
    return [sort_key(_at(document, order.path)) for order in orders]


def _compare(one: Sequence[Any], other: Sequence[Any], orders: Sequence[Order]) -> int:
    """Less than 0: `one` comes first. Only as many fields as both have are looked at."""
    for mine, yours, order in zip(one, other, orders, strict=False):
        if mine != yours:
            return (1 if mine > yours else -1) * (-1 if order.descending else 1)
    return 0


def _is_behind(document: Pb, cursor: Pb, orders: Sequence[Order]) -> bool:
    """Whether a document comes behind the place of a cursor, which is just before or just behind its values."""
    place = [sort_key(value) for value in cursor.values]
    compared = _compare(_place(document, orders), place, orders)
    return compared >= 0 if cursor.before else compared > 0


def _matches(document: Pb, where: Pb) -> bool:
    match where.WhichOneof("filter_type"):
        case "field_filter":
            return _matches_field(document, where.field_filter)
        case "unary_filter":
            return _matches_unary(_at(document, where.unary_filter.field.field_path), where.unary_filter.op)
        case "composite_filter":
            answers = [_matches(document, inner) for inner in where.composite_filter.filters]
            return any(answers) if where.composite_filter.op == _Composite.OR else all(answers)
        case _:
            return True


def _matches_field(document: Pb, condition: Pb) -> bool:
    value = _at(document, condition.field.field_path)
    if value is None:
        return False
    asked = sort_key(condition.value)
    if condition.op in _ORDERED:
        return rank_of(value) == rank_of(condition.value) and _ORDERED[condition.op](sort_key(value), asked)
    several = [sort_key(element) for element in condition.value.array_value.values]
    held = [sort_key(element) for element in value.array_value.values]
    found = sort_key(value)
    answers = {
        _FieldOperator.EQUAL: found == asked,
        _FieldOperator.NOT_EQUAL: found not in {asked, _NULL},
        _FieldOperator.ARRAY_CONTAINS: asked in held,
        _FieldOperator.IN: found in several,
        _FieldOperator.ARRAY_CONTAINS_ANY: any(element in held for element in several),
        _FieldOperator.NOT_IN: found not in several and found != _NULL,
    }
    return answers[condition.op]


def _matches_unary(value: Pb | None, operator: int) -> bool:
    if value is None:
        return False
    is_null, is_nan = sort_key(value) == _NULL, sort_key(value) == _NAN
    answers = {
        _UnaryOperator.IS_NULL: is_null,
        _UnaryOperator.IS_NOT_NULL: not is_null,
        _UnaryOperator.IS_NAN: is_nan,
        _UnaryOperator.IS_NOT_NAN: not is_nan and not is_null,
    }
    return answers[operator]

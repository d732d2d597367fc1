"""What a model wrote is a form, or it is said why not."""

from datetime import datetime
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from adapters.outbound.language_model.replies import Misfit, filled


class Note(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    due: Annotated[datetime, Meta(tz=True)] | None


@pytest.mark.parametrize(
    "reply",
    [
        '{"title": "T", "due": null}',
        'Sure! {"title": "T", "due": null} Anything else?',
        '```json\n{"title": "T", "due": null}\n```',
        '<think>{"title": 1}</think>\n{"title": "T", "due": null}',
        '\ufeff{"due": null, "title": "T"}',
    ],
)
def test_a_form_is_found_whatever_stands_around_it(reply: str) -> None:
    assert filled(reply, Note) == Note(title="T", due=None)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "truncated"),
        ("no", "truncated|malformed"),
        ('{"title": "T"', "malformed|truncated"),
        ('{"title": "T"}', "missing required field `due`"),
        ('{"title": "T", "due": "2026-05-04T09:00:00"}', "timezone"),
        ('{"title": "T", "due": "tomorrow"}', "RFC3339"),
        ('{"title": "T", "due": null, "my secret": 1}', "a field that is not part of Note"),
        ('{"title": "T\ud83d", "due": null}', "."),
    ],
)
def test_what_does_not_fit_is_told_without_its_content(reply: str, reason: str) -> None:
    with pytest.raises(Misfit, match=reason) as told:
        filled(reply, Note)
    assert "secret" not in str(told.value)

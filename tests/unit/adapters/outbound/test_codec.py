"""Values as bytes."""

import pytest

from adapters.outbound.codec import Codec
from domain.memory import Memory
from ports.errors import Rejected, TemporarilyUnavailable
from tests.support.memories import a_memory

CODEC = Codec(Memory, noun="memory")


def test_half_a_character_is_rejected_without_quoting_it() -> None:
    with pytest.raises(Rejected) as raised:
        CODEC.encode(a_memory(language="secret \ud800"))
    assert raised.value.__cause__ is None
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"id": 1}', b'{"status": "secret"}'])
def test_what_is_damaged_or_of_a_newer_program_is_unavailable_and_not_quoted(content: bytes) -> None:
    with pytest.raises(TemporarilyUnavailable) as raised:
        CODEC.decode(content)
    assert "secret" not in str(raised.value)


def test_fields_that_a_newer_program_added_are_passed_over() -> None:
    newer = CODEC.encode(a_memory())[:-1] + b',"mood":"calm"}'
    assert CODEC.decode(newer) == a_memory()

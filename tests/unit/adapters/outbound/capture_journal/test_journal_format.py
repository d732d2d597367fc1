from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.capture_journal.journal_format import (
    LARGEST_HEADER,
    RecordDecoder,
    decode_header,
    encode_header,
    encode_record,
)
from domain.ids import ConversationId
from ports.capture_journal import JournalRecord, RecordKind

records = st.lists(st.builds(JournalRecord, st.sampled_from(RecordKind), st.binary(max_size=40)), max_size=8)
names = st.text(st.characters(), max_size=50).map(ConversationId)


def encoded(items: list[JournalRecord]) -> list[bytes]:
    return [encode_record(item.kind, item.payload) for item in items]


def decoded(content: bytes, *, pieces: int = 1 << 16) -> list[JournalRecord]:
    decoder = RecordDecoder()
    return [item for at in range(0, len(content), pieces) for item in decoder.feed(content[at : at + pieces])]


@given(records, st.integers(1, 64))
def test_records_survive_the_way_to_disk_and_back_in_pieces_of_any_size(items: list[JournalRecord], size: int) -> None:
    assert decoded(b"".join(encoded(items)), pieces=size) == items


@given(records, st.data())
def test_a_cut_anywhere_loses_only_the_record_it_hits_and_those_behind(
    items: list[JournalRecord], data: st.DataObject
) -> None:
    parts = encoded(items)
    content = b"".join(parts)
    cut = data.draw(st.integers(0, len(content)))
    whole = sum(1 for count in range(len(parts)) if len(b"".join(parts[: count + 1])) <= cut)
    decoder = RecordDecoder()
    assert decoder.feed(content[:cut]) == items[:whole]
    assert decoder.whole == len(b"".join(parts[:whole]))


@given(records.filter(bool), st.integers(1, 255), st.integers(1, 64), st.data())
def test_a_damaged_byte_anywhere_ends_the_journal_before_its_record_and_invents_none(
    items: list[JournalRecord], flip: int, size: int, data: st.DataObject
) -> None:
    parts = encoded(items)
    hit = data.draw(st.integers(0, len(parts) - 1))
    at = data.draw(st.integers(0, len(parts[hit]) - 1))
    before = b"".join(parts[:hit])
    broken = bytearray(b"".join(parts))
    broken[len(before) + at] ^= flip
    assert decoded(bytes(broken), pieces=size) == items[:hit]


@given(records, st.binary(max_size=200))
def test_garbage_behind_whole_records_is_never_taken_for_a_record(items: list[JournalRecord], garbage: bytes) -> None:
    assert decoded(b"".join(encoded(items)) + garbage) == items


def test_zeros_that_a_power_cut_leaves_are_no_records() -> None:
    assert decoded(bytes(4096)) == []


def test_a_record_of_a_kind_that_only_a_newer_version_knows_is_passed_over() -> None:
    known = JournalRecord(RecordKind.WORDS, b"x")
    strange = bytearray(encode_record(RecordKind.OPENED, b"y"))
    newer = encode_record_of(200, b"y")
    assert len(newer) == len(strange)
    assert decoded(newer + encode_record(known.kind, known.payload)) == [known]


def encode_record_of(kind: int, payload: bytes) -> bytes:
    from struct import pack  # noqa: PLC0415
    from zlib import crc32  # noqa: PLC0415

    body = bytes((kind,)) + payload
    return pack("<II", len(payload), crc32(body)) + body


@given(names, st.integers(0, 2**63))
def test_a_header_names_its_conversation(name: ConversationId, opened_at: int) -> None:
    header = decode_header(encode_header(name, opened_at=opened_at) + b"records follow")
    assert header is not None
    assert (header.conversation, header.opened_at) == (name, opened_at)
    assert header.size == len(encode_header(name, opened_at=opened_at)) <= LARGEST_HEADER


@given(names, st.data())
def test_half_a_header_is_none(name: ConversationId, data: st.DataObject) -> None:
    header = encode_header(name, opened_at=1)
    assert decode_header(header[: data.draw(st.integers(0, len(header) - 1))]) is None


@given(names, st.integers(1, 255), st.data())
def test_a_header_with_a_damaged_byte_is_none(name: ConversationId, flip: int, data: st.DataObject) -> None:
    header = bytearray(encode_header(name, opened_at=1))
    at = data.draw(st.integers(0, len(header) - 1).filter(lambda at: at != 4))  # 4 is the version
    header[at] ^= flip
    assert decode_header(bytes(header)) is None

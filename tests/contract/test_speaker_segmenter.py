"""What every speaker segmenter does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import anyio
import pytest
from msgspec import structs

from adapters.outbound.speaker_segmenter.fake import FakeSpeakerSegmenter
from adapters.outbound.speaker_segmenter.segmentation import (
    SegmentationSpeakerSegmenter,
    SegmentationSpeakerSegmenterSettings,
)
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFrame
from domain.turns import LocalTurn
from ports.errors import Rejected
from ports.speaker_segmenter import SpeakerSegmenter
from tests.contract.harness import Harness, over
from tests.support.recordings import read


@asynccontextmanager
async def segmentation(_: Path) -> AsyncIterator[SpeakerSegmenter]:
    async with SegmentationSpeakerSegmenter(SegmentationSpeakerSegmenterSettings()) as segmenter:
        yield segmenter


@asynccontextmanager
async def fake(_: Path) -> AsyncIterator[SpeakerSegmenter]:
    yield FakeSpeakerSegmenter()


HARNESSES: dict[str, Harness[SpeakerSegmenter]] = {"segmentation": segmentation, "fake": fake}


@pytest.fixture(params=over("speaker_segmenter", HARNESSES))
async def segmenter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SpeakerSegmenter]:
    async with request.param(tmp_path) as opened:
        yield opened


@pytest.fixture
def meeting(audio_folder: Path) -> bytes:
    """Ten seconds of four people who interrupt each other."""
    return read(audio_folder / "ami_tst00.wav")[: 10 * SAMPLE_RATE * SAMPLE_BYTES]


@pytest.fixture
def dialog(audio_folder: Path) -> bytes:
    """Seven seconds of two people, with a pause of half a second between any two turns."""
    return read(audio_folder / "conv_katie_steve.wav")[: 7 * SAMPLE_RATE * SAMPLE_BYTES]


def speaking(turns: tuple[LocalTurn, ...], position: int) -> set[int]:
    return {turn.speaker for turn in turns if turn.start <= position < turn.end}


async def test_speech_is_somebodys_turn(segmenter: SpeakerSegmenter, dialog: bytes):
    turns = await segmenter.segment(AudioFrame(0, dialog))

    assert speaking(turns, 5 * SAMPLE_RATE)
    assert not speaking(turns, SAMPLE_RATE // 4)


async def test_two_people_are_two_voices(segmenter: SpeakerSegmenter, dialog: bytes):
    turns = await segmenter.segment(AudioFrame(0, dialog))

    assert len({turn.speaker for turn in turns}) >= 2


async def test_turns_lie_inside_the_piece_in_order(segmenter: SpeakerSegmenter, meeting: bytes):
    turns = await segmenter.segment(AudioFrame(0, meeting))

    assert all(0 <= turn.start < turn.end <= 10 * SAMPLE_RATE for turn in turns)
    assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)


async def test_turns_of_one_voice_do_not_overlap(segmenter: SpeakerSegmenter, meeting: bytes):
    turns = await segmenter.segment(AudioFrame(0, meeting))

    for voice in {turn.speaker for turn in turns}:
        own = [turn for turn in turns if turn.speaker == voice]
        assert all(earlier.end <= later.start for earlier, later in pairwise(own))


async def test_a_turn_is_marked_where_others_speak_and_only_there(segmenter: SpeakerSegmenter, meeting: bytes):
    turns = await segmenter.segment(AudioFrame(0, meeting))

    for turn in turns:
        for position in (turn.start, (turn.start + turn.end) // 2, turn.end - 1):
            assert turn.is_overlap == (len(speaking(turns, position)) > 1)


async def test_the_same_audio_gives_the_same_turns(segmenter: SpeakerSegmenter, meeting: bytes):
    assert await segmenter.segment(AudioFrame(0, meeting)) == await segmenter.segment(AudioFrame(0, meeting))


async def test_turns_lie_where_the_piece_lies_in_its_capture(segmenter: SpeakerSegmenter, dialog: bytes):
    first = await segmenter.segment(AudioFrame(0, dialog))
    later = await segmenter.segment(AudioFrame(777, dialog))

    assert later == tuple(structs.replace(turn, start=turn.start + 777, end=turn.end + 777) for turn in first)


@pytest.mark.parametrize("samples", [0, 1, 400, 16_000, 160_000])
async def test_in_silence_nobody_speaks(segmenter: SpeakerSegmenter, samples: int):
    assert await segmenter.segment(AudioFrame(0, bytes(samples * SAMPLE_BYTES))) == ()


async def test_a_short_piece_is_heard(segmenter: SpeakerSegmenter, dialog: bytes):
    piece = dialog[5 * SAMPLE_RATE * SAMPLE_BYTES : 6 * SAMPLE_RATE * SAMPLE_BYTES]

    turns = await segmenter.segment(AudioFrame(0, piece))

    assert turns
    assert all(turn.end <= SAMPLE_RATE for turn in turns)


async def test_a_piece_that_is_too_long_is_rejected(segmenter: SpeakerSegmenter):
    with pytest.raises(Rejected):
        await segmenter.segment(AudioFrame(0, bytes((segmenter.window + 1) * SAMPLE_BYTES)))


async def test_pieces_that_are_heard_together_do_not_mix(segmenter: SpeakerSegmenter, meeting: bytes, dialog: bytes):
    pieces = [AudioFrame(0, meeting), AudioFrame(0, dialog), AudioFrame(5, dialog[64_000:])]
    alone = [await segmenter.segment(piece) for piece in pieces]
    together: dict[int, tuple[LocalTurn, ...]] = {}

    async def segment(number: int) -> None:
        together[number] = await segmenter.segment(pieces[number])

    async with anyio.create_task_group() as tasks:
        for number in range(len(pieces)):
            tasks.start_soon(segment, number)

    assert [together[number] for number in range(len(pieces))] == alone


async def test_a_segmenter_is_still_there_after_a_canceled_call(segmenter: SpeakerSegmenter, dialog: bytes):
    with anyio.CancelScope() as scope:
        scope.cancel()
        await segmenter.segment(AudioFrame(0, dialog))

    assert await segmenter.segment(AudioFrame(0, dialog))

"""Whether text comes later because speakers are identified: the same speech at two servers, one after the other."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from adapters.inbound.command_line.audio_files import read_audio
from benchmarks import beside_encoder
from benchmarks.figures import Figure, percentile
from benchmarks.phones import crowd
from benchmarks.pinned import EMBEDDED_SETTINGS, Usage, pinned_server
from benchmarks.recognizer import CODEC, PAUSE, end_of_speech, waits_of
from benchmarks.server_process import COMMAND
from benchmarks.speech import RECORDING, frames, packet_samples, room, whole
from benchmarks.spoken_files import NoRecordings, default_folder, spoken_files
from domain.audio import SAMPLE_BYTES, seconds

STREAMS = 10
LISTENED = 45.0
"""Seconds that each server is listened to at a time."""
ROUNDS = 3
"""Each server's turns; the two alternate."""
RECORDINGS = 8
SHORTEST, LONGEST = 3.0, 9.0
"""Seconds of a recording that is one utterance and tells its voice."""
WITHOUT, WITH = "without identification", "with identification"
_VOICE = b'"embedding"'
"""What a journal holds for each voice that was encoded."""


class Turn(Struct, frozen=True, kw_only=True):
    """One server, listened to for a while."""

    server: str
    waits: tuple[float, ...]
    """Seconds from an end of speech to its last words at the client."""
    cores: float
    """Processor seconds of the server per second."""
    others: float
    """Share of its core that others had."""
    encoded: int
    """Stretches of speech whose voice was told."""


class Talk(Struct, frozen=True):
    """What every phone says over and over, each from another place on."""

    frames: Sequence[bytes]
    ends: tuple[int, ...]
    """Frames that hold the end of an utterance."""


async def measure() -> list[Figure]:
    """What encoding does to its neighbors, then waits for final words with and without it, by turns: six minutes."""
    beside = await beside_encoder.measure()
    talk = _talk()
    turns = [await _turn(server, talk) for _ in range(ROUNDS) for server in (WITHOUT, WITH)]
    return [*beside, *(_figure(turn) for turn in turns), *_ratios(turns), *_costs(turns)]


async def _turn(server: str, talk: Talk) -> Turn:
    settings = EMBEDDED_SETTINGS | {"OMI_IDENTIFY_SPEAKERS": "true" if server == WITH else "false"}
    async with pinned_server(settings, command=COMMAND) as process:
        usage = Usage(process.pid)
        async with crowd(talk.frames, port=process.port, codec=CODEC) as people:
            await people.join(STREAMS)
            span = await usage.during(LISTENED)
            waits = [
                wait
                for phone in people.phones
                for last in talk.ends
                for wait in waits_of(phone, last=last, length=len(talk.frames))
            ]
        return Turn(
            server=server,
            waits=tuple(waits),
            cores=span.cores,
            others=span.others,
            encoded=_encoded(process.data_dir),
        )


def _talk() -> Talk:
    """Recordings of several speakers, with pauses in which their last words come."""
    sound, ends = b"", []
    for recording in _recordings():
        ends.append(len(sound) // SAMPLE_BYTES + end_of_speech(recording))
        sound += whole(recording + room(PAUSE), CODEC)
    return Talk(frames(sound, CODEC), tuple(end // packet_samples(CODEC) for end in ends))


def _recordings() -> list[bytes]:
    try:
        found = [file.pcm for file in spoken_files(default_folder())]
    except NoRecordings:
        return [read_audio(RECORDING)]
    fitting = [pcm for pcm in found if SHORTEST <= seconds(len(pcm) // SAMPLE_BYTES) <= LONGEST]
    return fitting[:: max(1, len(fitting) // RECORDINGS)][:RECORDINGS]


def _encoded(data_dir: Path) -> int:
    return sum(file.read_bytes().count(_VOICE) for file in (data_dir).rglob("*") if file.is_file())


def _figure(turn: Turn) -> Figure:
    remark = f"{len(turn.waits)} utterances, p99 {percentile(turn.waits, 99):.2f} s, {turn.encoded} voices encoded, "
    remark += f"{turn.cores:.0%} of a core, others had {turn.others:.0%}"
    return Figure(
        what=f"end of speech -> text, p50, {turn.server}", value=percentile(turn.waits, 50), unit="s", remark=remark
    )


def _ratios(turns: Sequence[Turn]) -> Iterator[Figure]:
    """All turns together, and what single pairs of neighbors say."""
    for percent in (50, 95, 99):
        pairs = [
            percentile(with_.waits, percent) / percentile(without.waits, percent)
            for without, with_ in zip(turns[::2], turns[1::2], strict=True)
        ]
        with_, without = (percentile(_waits(turns, server), percent) for server in (WITH, WITHOUT))
        yield Figure(
            what=f"with / without, p{percent}",
            value=with_ / without,
            unit="times",
            remark=f"{with_:.3f} / {without:.3f} s; single pairs {min(pairs):.2f} to {max(pairs):.2f}",
        )


def _costs(turns: Sequence[Turn]) -> Iterator[Figure]:
    for server in (WITHOUT, WITH):
        cores = [turn.cores for turn in turns if turn.server == server]
        yield Figure(what=f"processor, {server}", value=100 * sum(cores) / len(cores), unit="% of a core")


def _waits(turns: Sequence[Turn], server: str) -> list[float]:
    return [wait for turn in turns if turn.server == server for wait in turn.waits]

"""What the embedded recognizer costs in the whole server, and how soon its words come."""

import anyio

from adapters.outbound.voice_activity_detector.silero_model import (
    CONTEXT_BYTES,
    WINDOW,
    WINDOW_BYTES,
    SileroModel,
    Stretch,
    blank_state,
)
from benchmarks.figures import Figure, percentile
from benchmarks.phones import Phone, crowd
from benchmarks.pinned import Usage, embedded_server
from benchmarks.speech import conversation, frames, packet_samples
from domain.audio import SAMPLE_BYTES, Codec

STREAMS = 6
"""Few enough that even partial results do not take the whole core."""
SECONDS = 22.0
"""Twice the recording, so that each of its utterances counts twice."""
SETTLING = 14.0
"""Seconds until every stream has had its first long utterance decoded."""
PAUSE = 3.0
"""Seconds after which speech begins anew, where the end of speech is timed."""
LISTENED = 42.0
CODEC = Codec.OPUS_FS320


async def measure() -> list[Figure]:
    """Streams per core with and without partial results, then the wait for final words: about two minutes."""
    return [await _cost("finals only", ""), await _cost("with partials", "&interim=true"), *await _waits()]


async def _cost(what: str, query: str) -> Figure:
    sound = frames(conversation(pause=0), CODEC)
    async with embedded_server() as server:
        usage = Usage(server.pid)
        async with crowd(sound, port=server.port, codec=CODEC, query=query) as people:
            await people.join(STREAMS)
            await anyio.sleep(SETTLING)
            cores = (await usage.during(SECONDS)).cores
            unsent = people.unsent + people.lost
    remark = f"{STREAMS} streams take {cores:.0%} of a core" + ("; FALLS BEHIND" if unsent else "")
    return Figure(
        what=f"embedded recognizer, continuous speech, {what}",
        value=STREAMS / cores,
        unit="streams/core",
        remark=remark,
    )


async def _waits() -> list[Figure]:
    pcm = conversation(pause=PAUSE)
    last = end_of_speech(pcm) // packet_samples(CODEC)
    sound = frames(pcm, CODEC)
    async with embedded_server() as server, crowd(sound, port=server.port, codec=CODEC) as people:
        await people.join(STREAMS)
        await anyio.sleep(LISTENED)
        waits = [wait for phone in people.phones for wait in waits_of(phone, last=last, length=len(sound))]
    remark = f"{len(waits)} utterances, {STREAMS} streams at once; 0.6 s of it is the silence that ends an utterance"
    return [
        Figure(
            what=f"end of speech -> final text, p{percent}", value=percentile(waits, percent), unit="s", remark=remark
        )
        for percent in (50, 95)
    ]


def waits_of(phone: Phone, *, last: int, length: int) -> list[float]:
    """Seconds from an end of speech until the last words of it, for every time it was said.

    Args:
        phone: that said it, over and over.
        last: the frame of its loop that holds the end; `PAUSE` follows.
        length: frames of the loop.
    """
    first = (last - phone.offset) % length
    ends = [at / 1e9 for at in phone.sent[first::length]]
    finals = [at for at, message in phone.messages if b'"text"' in message and b'"interim"' not in message]
    waits = []
    for end in ends:
        until = end + PAUSE
        later = [at for at in finals if end < at < until]
        if later:
            waits.append(later[-1] - end)
    return waits


def end_of_speech(pcm: bytes) -> int:
    """The sample at which the last window ends that the voice activity model takes for speech."""
    model, state, end = SileroModel.load(), blank_state(), 0
    padded = bytes(CONTEXT_BYTES) + pcm
    for start in range(0, len(pcm) - WINDOW_BYTES, WINDOW_BYTES):
        (judgment,) = model.judge([Stretch(padded[start : start + CONTEXT_BYTES + WINDOW_BYTES], state)])
        state = judgment.state
        if judgment.probabilities[0] >= 0.5:
            end = start // SAMPLE_BYTES + WINDOW
    return end

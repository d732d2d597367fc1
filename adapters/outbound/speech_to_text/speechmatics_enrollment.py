"""Speechmatics hears somebody who speaks alone, and says how to tell other sessions of that voice.

`GetSpeakers` with `final` asks for identifiers of all voices once the stream is over; they come as `SpeakersResult`
before the end of the transcript (https://docs.speechmatics.com/speech-to-text/realtime/speaker-identification). An
identifier is given to later sessions under a label of ours; at most 50 of them a session.
"""

from collections import Counter

import msgspec
from speechmatics.rt import ClientMessageType, ServerMessageType
from websockets.asyncio.client import ClientConnection

from adapters.outbound.speech_to_text import speechmatics_errors as errors
from adapters.outbound.speech_to_text.speechmatics_messages import Speaker, decoded
from domain.audio import SAMPLE_BYTES, samples
from ports.errors import TemporarilyUnavailable

MOST_IDENTIFIERS = 50
_PIECE = samples(0.25) * SAMPLE_BYTES


async def enrolled(socket: ClientConnection, pcm: bytes) -> tuple[str, ...]:
    """Leads a session that has started to its end.

    Args:
        socket: one on which recognition with diarization has started.
        pcm: speech of one voice, mono, signed 16-bit little-endian, 16 kHz.

    Returns:
        Identifiers of the voice that said most of it; none where no voice was made out.

    Raises:
        TemporarilyUnavailable, Rejected: the session did not come to its end.
    """
    pieces = [pcm[at : at + _PIECE] for at in range(0, len(pcm), _PIECE)]
    with errors.translated():
        for piece in pieces:
            await socket.send(piece)
        await socket.send(_text(message=ClientMessageType.GET_SPEAKERS, final=True))
        await socket.send(_text(message=ClientMessageType.END_OF_STREAM, last_seq_no=len(pieces)))
        return await _answer(socket)


async def _answer(socket: ClientConnection) -> tuple[str, ...]:
    said: Counter[str] = Counter()
    speakers: tuple[Speaker, ...] = ()
    async for text in socket:
        message = decoded(text)
        match message.message:
            case ServerMessageType.ADD_TRANSCRIPT:
                said.update(best.speaker or "" for result in message.results for best in result.alternatives[:1])
            case ServerMessageType.SPEAKERS_RESULT:
                speakers = message.speakers
            case ServerMessageType.ERROR:
                raise errors.reported(message.type, detail=message.reason)
            case ServerMessageType.END_OF_TRANSCRIPT:
                main = max(speakers, key=lambda speaker: said[speaker.label], default=None)
                return () if main is None else main.speaker_identifiers[:MOST_IDENTIFIERS]
    raise TemporarilyUnavailable("Speechmatics closed the session without the end of the transcript")


def _text(**content: object) -> str:
    return msgspec.json.encode(content).decode()

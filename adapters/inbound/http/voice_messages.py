"""`/v1/voice-messages`, `/v2/voice-messages` and `/v1/voice-message/transcribe`: questions that are spoken."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from litestar import Controller, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery
from litestar.types import ASGIApp
from msgspec import Struct

from adapters.inbound.http.chat_wire import WireMessage, message_line, message_to_wire
from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.messages import plugin
from adapters.inbound.http.offline_files import described
from adapters.inbound.http.streamed_answer import StreamedAnswer
from application.questions.chat import Chat, Question
from application.questions.hear_message import HearMessage, SentAudio
from domain.chat_errors import NotAVoiceMessage
from domain.ids import PluginId, UserId
from domain.voice_errors import RecordingTooLarge

LARGEST_FILE = 32 * 1024 * 1024
"""Bytes."""
LARGEST_PACKETS = 10 * 1024 * 1024
"""Of a file of packets: five minutes without any compression."""
LARGEST_UPLOAD = 64 * 1024 * 1024
MOST_FILES = 10
RECORDINGS = (b"RIFF", b"RF64", b"fLaC", b"OggS")
"""How files of a known format begin."""
PACKETS = ".bin"
"""How the names of files of packets end."""


class Transcript(Struct, frozen=True):
    """What was said; empty where nobody spoke."""

    transcript: str


@dataclass
class VoiceFiles:
    """Parts of one message, in order: WAV, FLAC or Ogg, or packets as `/v1/sync-local-files` takes them."""

    files: list[UploadFile] = field(default_factory=list)


VoiceBody = Annotated[VoiceFiles, Body(media_type=RequestEncodingType.MULTI_PART)]


class VoiceMessagesController(Controller):
    """The chat of the caller, spoken to."""

    tags: Sequence[str] | None = ["chat"]
    request_max_body_size = LARGEST_UPLOAD

    @post(
        ["/v1/voice-message/transcribe", "/v2/voice-message/transcribe"],
        status_code=200,
        responses=FAILURES,
        summary="What was said in a voice message",
    )
    async def transcribe(
        self, *, user: NamedDependency[UserId], hear_message: NamedDependency[HearMessage], data: VoiceBody
    ) -> Transcript:
        """Hears at most five minutes, in the language of the caller. Nothing is kept."""
        return Transcript(await hear_message.transcribe(user, await _taken(data)))

    @post("/v1/voice-messages", status_code=200, responses=FAILURES, summary="Speak a message; the answer comes whole")
    async def send_voice_message(
        self,
        *,
        user: NamedDependency[UserId],
        chat: NamedDependency[Chat],
        hear_message: NamedDependency[HearMessage],
        data: VoiceBody,
        plugin_id: FromQuery[str | None] = None,
        app_id: FromQuery[str | None] = None,
    ) -> list[WireMessage]:
        """Hears a message and answers it; gives both. No audio is kept."""
        question = await _asked(user, data, chat=chat, hear=hear_message, plugin_id=plugin(plugin_id, app_id))
        answer = await chat.answer(user, question)
        return [message_to_wire(await chat.shown(user, question.message)), message_to_wire(answer)]

    @post(
        "/v2/voice-messages",
        status_code=200,
        responses=FAILURES,
        summary="Speak a message; the answer comes while it is written",
    )
    async def stream_voice_message(
        self,
        *,
        user: NamedDependency[UserId],
        chat: NamedDependency[Chat],
        hear_message: NamedDependency[HearMessage],
        data: VoiceBody,
        plugin_id: FromQuery[str | None] = None,
        app_id: FromQuery[str | None] = None,
    ) -> ASGIApp:
        """A line `message: ` with what was said, in base64, and then the lines of `POST /v2/messages`."""
        question = await _asked(user, data, chat=chat, hear=hear_message, plugin_id=plugin(plugin_id, app_id))
        said = message_line(await chat.shown(user, question.message))
        return StreamedAnswer(chat, user=user, question=question, before=(said,))


async def _asked(
    user: UserId, data: VoiceFiles, *, chat: Chat, hear: HearMessage, plugin_id: PluginId | None
) -> Question:
    """What was said, kept as a message."""
    text = await hear.transcribe(user, await _taken(data))
    if not text:
        raise NotAVoiceMessage("files: nobody speaks in it")
    return await chat.take(user, text, plugin_id=plugin_id)


async def _taken(data: VoiceFiles) -> list[SentAudio]:
    if not data.files:
        raise NotAVoiceMessage("files: there is none")
    if len(data.files) > MOST_FILES:
        raise RecordingTooLarge(f"files: {len(data.files)} at once; send at most {MOST_FILES}")
    return [await _audio(file) for file in data.files]


async def _audio(file: UploadFile) -> SentAudio:
    """A recording where it says so itself, whatever it is called; packets where the name says so."""
    content = await file.read(LARGEST_FILE + 1)
    is_packets = file.filename.lower().endswith(PACKETS) and not content.startswith(RECORDINGS)
    largest = LARGEST_PACKETS if is_packets else LARGEST_FILE
    if len(content) > largest:
        raise RecordingTooLarge(f"files: one is larger than {largest:,} bytes; cut it")
    return SentAudio(content=content, packets=described(file.filename)[0] if is_packets else None)

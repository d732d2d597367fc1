"""What a client writes into the address of the socket."""

import re
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from domain.audio import AudioFormat, Codec
from domain.conversation import LONGEST_ASKED, asked_silence
from domain.conversation_marks import LONGEST, ConversationMarks
from domain.errors import InvalidRequest, UnsupportedAudio
from domain.ids import UserId
from domain.memory import Source
from domain.session import SessionRequest

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
ANY_LANGUAGE = "multi"
ABSENT = frozenset({"", "null"})
"""How Dart spells that there is nothing."""


class ListenParameters(Struct, frozen=True, kw_only=True):
    """The query, as apps of 2024 send it. What is not named here is ignored."""

    uid: str = ""
    language: str = "en"
    sample_rate: int = 8000
    codec: str = "pcm8"
    channels: int = 1
    include_speech_profile: bool = True
    new_memory_watch: bool = True
    source: str = Source.FRIEND.value
    interim: bool = False
    conversation_timeout: float | None = None
    """Seconds of silence that end a conversation, where that is longer than the rule; -1: hours."""
    custom_stt: str = ""
    """`enabled`: the client hears for itself, and sends `suggested_transcript`."""
    speaker_auto_assign: str = ""
    """`enabled`: the client gives voices to the people that are suggested."""
    create_speakers: bool = True
    """Who introduces themselves may be added to the people of the user."""
    onboarding: str = ""
    """`enabled`: a new user wants to be asked a few questions."""
    vad_gate: str = ""
    """`enabled` or `disabled`: whether silence is kept from the recognizer; empty: as the server likes."""
    client_conversation_id: str = ""
    call_id: str = ""
    conversation_role: str = ""
    translate: str = ""
    """A language, as a tag: what is said in others is told in it too."""


def parsed(query: bytes) -> ListenParameters:
    """Reads a query string.

    Raises:
        InvalidRequest: a value is not of its type; names the parameter.
    """
    given = {name: value for name, value in parse_qsl(query.decode("latin-1")) if value not in ABSENT}
    known = {name: given[name] for name in ListenParameters.__struct_fields__ if name in given}
    try:
        return msgspec.convert(known, ListenParameters, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"query parameter is wrong: {error}") from error


def requested(parameters: ListenParameters, user: UserId) -> SessionRequest:
    """The session that was asked for.

    Raises:
        UnsupportedAudio: no such codec; names those there are.
        InvalidRequest: what it shall be translated into is no language.
    """
    try:
        codec = Codec(parameters.codec.lower())
    except ValueError as error:
        known = ", ".join(Codec)
        raise UnsupportedAudio(f"codec {parameters.codec[:20]!r} is not supported; use one of: {known}") from error
    return SessionRequest(
        user=user,
        audio=AudioFormat(codec=codec, sample_rate=parameters.sample_rate, channels=parameters.channels),
        language=ANY_LANGUAGE if parameters.language == "auto" else parameters.language,
        source=_source(parameters.source),
        interim=parameters.interim,
        use_speech_profile=parameters.include_speech_profile,
        make_memories=parameters.new_memory_watch,
        hears_itself=parameters.custom_stt == "enabled",
        translate_to=_wanted_language(parameters),
        silence=_silence(parameters),
        assigns_speakers=parameters.speaker_auto_assign == "enabled",
        creates_people=parameters.create_speakers,
        is_new=parameters.onboarding == "enabled",
        marks=_marks(parameters),
        is_gated={"enabled": True, "disabled": False}.get(parameters.vad_gate),
    )


def _marks(parameters: ListenParameters) -> ConversationMarks:
    """What is no name is passed over."""
    given = {name: getattr(parameters, name) for name in ConversationMarks.__struct_fields__}
    return ConversationMarks(
        **{name: mark for name, mark in given.items() if len(mark) <= LONGEST and mark.isprintable()}
    )


def _silence(parameters: ListenParameters) -> float | None:
    """Somebody on the phone who says nothing for minutes is still on the phone."""
    if parameters.channels > 1:
        return LONGEST_ASKED
    return None if parameters.conversation_timeout is None else asked_silence(parameters.conversation_timeout)


def _wanted_language(parameters: ListenParameters) -> str | None:
    """None where nothing is to be translated: what is said is in that language already."""
    wanted = parameters.translate
    if not wanted:
        return None
    if not _LANGUAGE.fullmatch(wanted):
        raise InvalidRequest(f"query parameter translate: expected a language like `de`, not {wanted[:20]!r}")
    return None if wanted.partition("-")[0] == parameters.language.partition("-")[0] else wanted


def _source(name: str) -> Source:
    return Source(name) if name in set(Source) else Source.FRIEND

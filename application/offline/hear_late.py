"""Sound that comes late, heard: words, whose voices they are, and which conversations they make."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from application.jobs.run_jobs import JobRun
from application.listening.live_identification import KnownVoices
from application.offline.place_speech import LateSpeech
from application.recordings.diarize_recording import DiarizeRecording
from application.recordings.hear_recording import HearRecording
from application.recordings.recorded_sound import RecordedSound, sound_parts
from application.users.accounts import Accounts
from domain.late_speech import Segments, conversations, neighborhoods, span_of
from domain.memory import Source
from domain.named_words import named
from domain.spans import Span, common
from domain.turns import SpokenTurn
from ports.speech_to_text import TranscriptionRequest


class _Turns(Struct, frozen=True):
    turns: tuple[SpokenTurn, ...]


class HeardLate(Struct, frozen=True, kw_only=True):
    """What was said."""

    recognizer: str
    language: str
    segments: Segments


class HearLate:
    """Hears sound for a job; each step is remembered."""

    def __init__(
        self, *, hear: HearRecording, diarize: DiarizeRecording, known_voices: KnownVoices, accounts: Accounts
    ) -> None:
        self._hear = hear
        self._diarize = diarize
        self._known_voices = known_voices
        self._accounts = accounts

    async def heard(self, run: JobRun, sound: RecordedSound, *, within: Sequence[Span]) -> HeardLate:
        """What is said within some stretches, in the language of the user, by voices that have names where they do.

        Raises:
            TemporarilyUnavailable: a recognizer or the sound cannot be had now.
            Rejected: no recognizer takes it.
        """
        user = run.job.user
        language = (await self._accounts.get(user)).language or "en"
        again = await self._hear.whole(run, sound, request=TranscriptionRequest(language=language, user=user))
        words = [word for word in again.words if _lies_in((word.start + word.end) // 2, within)]

        async def tell_apart() -> _Turns:
            known = await self._known_voices.known(user)
            return _Turns(await self._diarize.frames(sound_parts(sound), known=known))

        turns = (await run.step("turns", tell_apart, returns=_Turns)).turns if words else ()
        segments = named(words, turns, before=(), recognizer=again.recognizer, name=run.job.id)
        return HeardLate(recognizer=again.recognizer, language=language, segments=segments)


def divided(
    heard: HeardLate, *, within: Sequence[Span], zero: datetime, silence: int, source: Source = Source.FRIEND
) -> Iterator[LateSpeech]:
    """What was heard, a conversation at a time.

    Args:
        heard: all of it.
        within: the stretches that it was heard in.
        zero: the moment that its clock starts at.
        silence: samples after which another conversation begins.
        source: where it came from.
    """
    spoken = list(conversations(heard.segments, silence=silence))
    around = neighborhoods([span_of(segments) for segments in spoken], silence=silence)
    for number, (segments, near) in enumerate(zip(spoken, around, strict=True)):
        yield LateSpeech(
            number=number,
            zero=zero,
            segments=segments,
            heard=tuple(common(list(within), [near])),
            recognizer=heard.recognizer,
            language=heard.language,
            source=source,
        )


def _lies_in(position: int, spans: Iterable[Span]) -> bool:
    """Of a word that is cut in the very middle, the first half counts."""
    return any(start < position <= end for start, end in spans)

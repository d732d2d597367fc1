"""`omi profile`: how the owner sounds, in the stores or on a server."""

import io
import wave
from pathlib import Path
from typing import Protocol

from rich.console import Console

from adapters.inbound.command_line.audio_files import read_audio
from adapters.inbound.http.people import WireVoice
from adapters.inbound.http.speech_profile import UploadedProfile
from application.voices.enroll_speaker import EnrollSpeaker
from application.voices.speech_profiles import SpeechProfiles
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, seconds
from domain.ids import UserId
from domain.speaker import OWNER

TEXT = """It is a good day to teach you the sound of my voice. I speak as I always do, neither louder nor slower.
You will hear me in the kitchen, on the street and in long meetings, when I am tired and when I laugh.
Whatever I say next week, you will know that it was me who said it, and nobody else in the room."""
"""To be read aloud: some half a minute."""


class Profile(Protocol):
    """The profile of one user, wherever it is. All methods raise AdapterError and BusinessError."""

    async def upload(self, content: bytes, *, name: str) -> UploadedProfile:
        """Makes a profile of a WAV file."""
        ...

    async def voices(self) -> list[WireVoice]:
        """What the voice is known by."""
        ...

    async def delete(self) -> None:
        """Forgets the voice."""
        ...


class StoredProfile:
    """Directly in the stores."""

    def __init__(self, enroll: EnrollSpeaker, profiles: SpeechProfiles, *, user: UserId) -> None:
        self._enroll = enroll
        self._profiles = profiles
        self._user = user

    async def upload(self, content: bytes, *, name: str) -> UploadedProfile:
        """Makes a profile of a WAV file."""
        made = await self._enroll.from_file(self._user, content, file_name=name)
        return UploadedProfile(
            url=None, speakers=made.speakers, speech=made.speech, exemplars=made.exemplars, warning=made.warning
        )

    async def voices(self) -> list[WireVoice]:
        """What the voice is known by."""
        profile = await self._profiles.of(self._user, OWNER)
        return [
            WireVoice(source=one.source, seconds=seconds(one.samples), added_at=one.added_at, url=None)
            for one in profile.exemplars
        ]

    async def delete(self) -> None:
        """Forgets the voice."""
        await self._enroll.forget(self._user)


def as_profile(path: Path) -> bytes:
    """A recording of any kind as a profile is taken: WAV, one channel, 16 kHz.

    Raises:
        InvalidRequest: there is no such file, it is no audio, or it holds no sound.
    """
    return as_wav(read_audio(path))


def as_wav(pcm: bytes) -> bytes:
    """A WAV file of samples at 16 kHz."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(pcm)
    return content.getvalue()


def show_uploaded(made: UploadedProfile, console: Console) -> None:
    """Prints what came of a recording."""
    console.print(f"The voice is known now, by {made.exemplars} stretches of {made.speech:.1f} s of speech.")
    if made.warning:
        console.print(f"[yellow]Careful:[/] {made.warning}", soft_wrap=True)


def show_profile(voices: list[WireVoice], console: Console) -> None:
    """Prints what the voice is known by."""
    if not voices:
        console.print("There is no profile yet; make one with: omi profile record, or: omi profile upload FILE")
    for one in voices:
        when = one.added_at.astimezone().strftime("%Y-%m-%d %H:%M")
        console.print(f"[cyan]{when}[/]  {one.seconds:5.1f} s  {one.source}", soft_wrap=True, highlight=False)

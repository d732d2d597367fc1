"""Known voices and strangers: who is recognized, who is mistaken for somebody.

Each speaker with enough recordings is enrolled with three stretches. Then every other stretch is heard: of somebody
who is enrolled, and, with the profile taken away, as a stranger. A stranger who is given a name is falsely accepted,
and so is a known voice that is given another's name.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from benchmarks.speakers.recorded_voices import RecordedVoice
from domain.embedding import Embedding, weighted_mean
from domain.ids import PersonId
from domain.speaker import VoiceCalibration, matched
from ports.speaker_encoder import SpeakerEncoder

ENROLLED = 3
"""Stretches of a profile."""
PROFILE_SECONDS = 3.0
TURNS = 4
"""Times that everybody is enrolled, with other stretches each time."""

Sounds = Mapping[str, Sequence[Embedding]]
"""Speaker -> how the stretches sound."""


class HeardSpeakers(Struct, frozen=True, kw_only=True):
    """Profiles and what is heard of everybody later."""

    profiles: dict[PersonId, Embedding]
    tests: dict[str, list[Embedding]]
    """Also of those who have no profile."""

    def only(self, speakers: Iterable[str]) -> "HeardSpeakers":
        """What is known of some of them."""
        chosen = set(speakers)
        return HeardSpeakers(
            profiles={person: center for person, center in self.profiles.items() if person in chosen},
            tests={speaker: sounds for speaker, sounds in self.tests.items() if speaker in chosen},
        )


class OpenSet(Struct, frozen=True, kw_only=True):
    """What happened."""

    known: int
    """Stretches of those who are enrolled."""
    rejected: int
    """Of these, not recognized."""
    mistaken: int
    """Of these, given another's name."""
    strangers: int
    accepted: int
    """Of these, given a name."""

    @property
    def false_rejection(self) -> float:
        """Share of known voices that are not recognized."""
        return self.rejected / self.known if self.known else 0.0

    @property
    def false_acceptance(self) -> float:
        """Share of strangers that are given a name."""
        return self.accepted / self.strangers if self.strangers else 0.0


async def heard_speakers(
    voices: Sequence[RecordedVoice], encoder: SpeakerEncoder, *, seconds: float
) -> list[HeardSpeakers]:
    """Enrolls with stretches of three seconds, hears stretches of `seconds`; none is used for both.

    Returns:
        The same several times, each time with other stretches in the profiles.
    """
    whole: defaultdict[str, list[Embedding]] = defaultdict(list)
    short: defaultdict[str, list[Embedding | None]] = defaultdict(list)
    for voice in voices:
        for piece in voice.stretches(PROFILE_SECONDS):
            part = RecordedVoice(file=voice.file, speaker=voice.speaker, pcm=piece).middle(seconds)
            whole[voice.speaker].append(await encoder.encode(piece))
            short[voice.speaker].append(None if part is None else await encoder.encode(part))
    return [_enrolled(whole, short, turn) for turn in range(TURNS)]


def _enrolled(whole: Sounds, short: Mapping[str, Sequence[Embedding | None]], turn: int) -> HeardSpeakers:
    profiles: dict[PersonId, Embedding] = {}
    tests: dict[str, list[Embedding]] = {}
    for speaker, sounds in whole.items():
        chosen: set[int] = set()
        if len(sounds) > ENROLLED:
            chosen = {(turn * ENROLLED + k) % len(sounds) for k in range(ENROLLED)}
            profiles[PersonId(speaker)] = weighted_mean((sounds[k], 1.0) for k in chosen)
        tests[speaker] = [sound for k, sound in enumerate(short[speaker]) if sound is not None and k not in chosen]
    return HeardSpeakers(profiles=profiles, tests=tests)


def recognized(rounds: Iterable[HeardSpeakers], calibration: VoiceCalibration) -> OpenSet:
    """Who would be given which name."""
    known = rejected = mistaken = strangers = accepted = 0
    for heard in rounds:
        for speaker, sound in ((speaker, sound) for speaker, sounds in heard.tests.items() for sound in sounds):
            person = PersonId(speaker)
            others = {other: center for other, center in heard.profiles.items() if other != person}
            strangers += 1
            accepted += matched(sound, others, calibration) is not None
            if person in heard.profiles:
                match = matched(sound, heard.profiles, calibration)
                known += 1
                rejected += match is None
                mistaken += match is not None and match.person != person
    return OpenSet(known=known, rejected=rejected, mistaken=mistaken, strangers=strangers, accepted=accepted)


def halves(rounds: Sequence[HeardSpeakers]) -> tuple[list[HeardSpeakers], list[HeardSpeakers]]:
    """One half of the speakers to calibrate with, the other to report: enrolled and strangers in both."""
    enrolled = sorted(speaker for speaker in rounds[0].tests if PersonId(speaker) in rounds[0].profiles)
    others = sorted(rounds[0].tests.keys() - set(enrolled))
    first, second = [*enrolled[1::2], *others[1::2]], [*enrolled[::2], *others[::2]]
    return [heard.only(first) for heard in rounds], [heard.only(second) for heard in rounds]


def lines(title: str, rounds: Sequence[HeardSpeakers], calibrations: Iterable[VoiceCalibration]) -> Iterator[str]:
    """To be printed."""
    yield f"{title:<44}{'strangers accepted':>22}{'known refused':>18}{'mistaken':>10}"
    for calibration in calibrations:
        row = recognized(rounds, calibration)
        accepted = f"{row.accepted}/{row.strangers} {row.false_acceptance:.1%}"
        rejected = f"{row.rejected}/{row.known} {row.false_rejection:.1%}"
        what = f"threshold {calibration.threshold:.2f}, margin {calibration.margin:.2f}"
        yield f"  {what:<42}{accepted:>22}{rejected:>18}{row.mistaken:>10}"

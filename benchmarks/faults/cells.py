"""The cells of the matrix: which vendor fails, how, when, and who is there to go on."""

import math
from collections.abc import Iterator, Mapping

from msgspec import Struct

from adapters.inbound.simulators.faults import Fault, FaultKind, Moment
from benchmarks.faults.vendors import VENDORS

_LATER_CONNECTIONS = tuple(range(2, 100))
MID_UTTERANCE = 5.0
"""Seconds of audio sent: within the second utterance."""
_FIRST_SECOND = 0.7

PHASES = {
    "connecting": (Moment.AUDIO, 0.0),
    "first second": (Moment.AUDIO, _FIRST_SECOND),
    "mid-utterance": (Moment.AUDIO, MID_UTTERANCE),
    "silence": (Moment.SILENCE, 0.0),
    "closing": (Moment.CLOSING, 0.0),
}

_UNREACHABLE = {
    "refused": FaultKind.REFUSE,
    "accepted, no handshake": FaultKind.NO_HANDSHAKE,
}
_REFUSALS = {"401 wrong key": 401, "402 no credit": 402, "429 too many": 429}
_IN_SESSION = {
    "upgrade, then close": FaultKind.CLOSE,
    "connection breaks": FaultKind.ABORT,
    "takes audio, says nothing": FaultKind.SILENT,
    "guesses, but no finals": FaultKind.NO_FINALS,
    "finals stop": FaultKind.NO_FINALS,
    "half-open": FaultKind.HALF_OPEN,
    "slow reader": FaultKind.SLOW_READER,
    "finals twice": FaultKind.DUPLICATE_FINALS,
    "finals out of order": FaultKind.SWAPPED_FINALS,
    "stamps beyond the audio": FaultKind.STAMPS_BEYOND,
    "error in band": FaultKind.ERROR_MESSAGE,
}
_SILENT = frozenset({FaultKind.SILENT, FaultKind.NO_FINALS, FaultKind.HALF_OPEN, FaultKind.SLOW_READER})
"""Faults that nothing tells of but the words that do not come."""

_SPEECHMATICS_ERRORS = {401: "not_authorised", 402: "quota_exceeded", 429: "quota_exceeded"}
LONGEST_SESSION = 4.0


class Cell(Struct, frozen=True, kw_only=True):
    """One trial."""

    fault: str
    phase: str
    chain: tuple[str, ...]
    """Vendors in order of preference; `fake` is a recognizer in this process."""
    faults: Mapping[str, tuple[Fault, ...]] = {}
    """Of the vendors of the chain that fail."""
    interim: bool = False
    is_silent: bool = False
    """Whether only missing words tell that the vendor is gone."""
    outage: tuple[float, float] | None = None
    """Seconds between which no vendor can be reached."""
    long: bool = False
    """Whether the speech goes on until a vendor that failed may be tried again."""

    @property
    def is_hopeless(self) -> bool:
        """Whether nobody ever comes back to hear the rest: it must be kept, and nothing claimed of it."""
        return self.outage is not None and math.isinf(self.outage[1])

    @property
    def primary(self) -> str:
        """The vendor whose row it is."""
        return self.chain[0]


def matrix() -> Iterator[Cell]:
    """Every fault, in every phase, of every vendor; then what goes beyond one failing vendor."""
    for primary in VENDORS:
        yield from _unreachable(primary)
        yield from _refused(primary)
        yield from _in_session(primary)
        yield _limited(primary)
        yield _idle(primary)
        yield _returning(primary)
    yield from _two_failing()
    yield from _all_failing()


def _next(primary: str) -> str:
    return VENDORS[(VENDORS.index(primary) + 1) % len(VENDORS)]


def _at(phase: str, kind: FaultKind) -> Fault:
    when, after = PHASES[phase]
    return Fault(kind=kind, when=when, after_seconds=after)


def _broken_at(phase: str, then: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """What prevents a session prevents the first, or all after one that broke."""
    if phase == "connecting":
        return then
    when, after = PHASES[phase]
    first = Fault(kind=FaultKind.ABORT, when=when, after_seconds=after, connections=(1,))
    return (first, *(_only_later(fault) for fault in then))


def _only_later(fault: Fault) -> Fault:
    return Fault(
        kind=fault.kind,
        when=fault.when,
        connections=_LATER_CONNECTIONS,
        status=fault.status,
        code=fault.code,
        reason=fault.reason,
    )


def _unreachable(primary: str) -> Iterator[Cell]:
    for name, kind in _UNREACHABLE.items():
        for phase in PHASES:
            faults = {primary: _broken_at(phase, (Fault(kind=kind),))}
            yield Cell(fault=name, phase=phase, chain=(primary, _next(primary)), faults=faults)


def _refused(primary: str) -> Iterator[Cell]:
    for name, status in _REFUSALS.items():
        for phase in PHASES:
            faults = {primary: _broken_at(phase, (_refusal(primary, status),))}
            yield Cell(fault=name, phase=phase, chain=(primary, _next(primary)), faults=faults)


def _refusal(vendor: str, status: int) -> Fault:
    """Deepgram refuses the upgrade; the others agree to it, and tell within the session."""
    if vendor == "deepgram":
        return Fault(kind=FaultKind.HTTP_STATUS, status=status)
    reason = _SPEECHMATICS_ERRORS[status] if vendor == "speechmatics" else "scripted"
    return Fault(kind=FaultKind.ERROR_MESSAGE, status=status, reason=reason)


def _in_session(primary: str) -> Iterator[Cell]:
    for name, kind in _IN_SESSION.items():
        if (primary, kind) == ("soniox", FaultKind.SWAPPED_FINALS):
            continue  # its words come in one order only
        for phase in PHASES:
            yield Cell(
                fault=name,
                phase=phase,
                chain=(primary, "fake" if phase == "first second" else _next(primary)),
                faults={primary: (_at(phase, kind),)},
                interim=name == "guesses, but no finals",
                is_silent=kind in _SILENT,
            )


def _limited(primary: str) -> Cell:
    """No session of this vendor lasts."""
    if primary == "soniox":
        limit = Fault(kind=FaultKind.ERROR_MESSAGE, status=400, reason="Audio is too long.", after_seconds=4.0)
    elif primary == "speechmatics":
        limit = Fault(kind=FaultKind.ERROR_MESSAGE, reason="timelimit_exceeded", after_seconds=LONGEST_SESSION)
    else:
        limit = Fault(kind=FaultKind.CLOSE, code=1000, reason="", after_seconds=LONGEST_SESSION)
    chain = (primary, _next(primary))
    return Cell(fault="maximum length", phase="mid-utterance", chain=chain, faults={primary: (limit,)})


def _idle(primary: str) -> Cell:
    """Keep-alives are taken, but the session has ended."""
    fault = Fault(kind=FaultKind.SILENT, when=Moment.SILENCE)
    return Cell(
        fault="keep-alive taken, session over",
        phase="silence",
        chain=(primary, "fake"),
        faults={primary: (fault,)},
        is_silent=True,
    )


def _returning(primary: str) -> Cell:
    """It fails once, and is back when it is tried again."""
    fault = Fault(kind=FaultKind.ABORT, after_seconds=MID_UTTERANCE, connections=(1,))
    chain = (primary, _next(primary))
    return Cell(fault="fails and returns", phase="mid-utterance", chain=chain, faults={primary: (fault,)}, long=True)


def _two_failing() -> Iterator[Cell]:
    pairs = {
        "refused + refused": (FaultKind.REFUSE, FaultKind.REFUSE),
        "breaks + refused": (FaultKind.ABORT, FaultKind.REFUSE),
        "breaks + breaks": (FaultKind.ABORT, FaultKind.ABORT),
        "silent + silent": (FaultKind.SILENT, FaultKind.SILENT),
    }
    for first in VENDORS:
        second = _next(first)
        third = _next(second)
        for name, (one, other) in pairs.items():
            faults = {
                first: (Fault(kind=one, after_seconds=MID_UTTERANCE),),
                second: (Fault(kind=other, after_seconds=1.0),),
            }
            yield Cell(fault=f"two: {name}", phase="mid-utterance", chain=(first, second, third), faults=faults)


def _all_failing() -> Iterator[Cell]:
    for first in VENDORS:
        chain = (first, _next(first))
        yield Cell(fault="all down for 20 s", phase="mid-utterance", chain=chain, outage=(5.0, 25.0))
        yield Cell(fault="all down for good", phase="mid-utterance", chain=chain, outage=(5.0, math.inf))

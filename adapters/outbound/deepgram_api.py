"""What live and recorded recognition by Deepgram have in common: client, languages, words, refusals."""

import warnings

import httpx
from msgspec import Struct

from adapters.outbound.speech_to_text.leg import LegWord
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

with warnings.catch_warnings():
    # The SDK still uses the legacy client of websockets, which says so at import.
    warnings.simplefilter("ignore", DeprecationWarning)
    import deepgram.listen.v1.client  # noqa: F401 - lazy otherwise, and would warn then
    from deepgram import AsyncDeepgramClient
    from deepgram.core.api_error import ApiError
    from deepgram.core.parse_error import ParsingError
    from deepgram.environment import DeepgramClientEnvironment
    from deepgram.listen.v1.socket_client import AsyncV1SocketClient

__all__ = ["ApiError", "AsyncV1SocketClient", "ParsingError"]

_NOVA_2 = """
bg ca cs da da-DK de de-CH el en en-AU en-GB en-IN en-NZ en-US es es-419 et fi fr fr-CA hi hu id it ja ko ko-KR lt lv ms
nl nl-BE no pl pt pt-BR pt-PT ro ru sk sv sv-SE th th-TH tr uk vi zh zh-CN zh-HK zh-Hans zh-Hant zh-TW
"""
_ONLY_NOVA_3 = "multi be bn bs hr kn mk mr sl sr ta te tl"
NOVA_2 = frozenset(_NOVA_2.split())
"""Languages of nova-2."""
NOVA_3 = NOVA_2 | frozenset(_ONLY_NOVA_3.split())
"""Languages of nova-3, by its announcements up to March 2026."""
FAMILIES = {"nova-3": NOVA_3, "nova-2": NOVA_2}
"""In order of preference."""

_DETAIL_LENGTH = 200


class Choice(Struct, frozen=True):
    """What is asked of Deepgram."""

    model: str
    language: str


def choose(language: str, *, model: str) -> Choice | None:
    """The model and tag for a language: the preferred model where it can, else another; None when none can."""
    families = sorted(FAMILIES, key=lambda family: not model.startswith(family))
    for family in families:
        tag = _tag(language, FAMILIES[family])
        if tag is not None:
            return Choice(model if model.startswith(family) else family, tag)
    return None


def choose_or_refuse(language: str, *, model: str) -> Choice:
    """As `choose`.

    Raises:
        Rejected: no model can.
    """
    choice = choose(language, model=model)
    if choice is None:
        raise Rejected(f"Deepgram has no model for the language {language!r}")
    return choice


def client(url: str, *, api_key: str, http: httpx.AsyncClient) -> AsyncDeepgramClient:
    """The SDK's client, speaking to the given address and to no other."""
    url = url.rstrip("/")
    environment = DeepgramClientEnvironment(base=url, production=url, agent=url, agent_rest=url)
    return AsyncDeepgramClient(api_key=api_key, environment=environment, httpx_client=http)


def refusal(status: int | None, *, detail: str, key_setting: str) -> AdapterError:
    """What an HTTP status means. The detail is Deepgram's own word for it; may be empty."""
    said = f": {detail[:_DETAIL_LENGTH]}" if detail else ""
    if status == 401:
        return Rejected(f"Deepgram refused the key (401): set {key_setting}")
    if status == 402:
        return Rejected(f"Deepgram has no credit left for this key (402){said}")
    if status == 403:
        return Rejected(f"Deepgram does not allow this key what was asked (403){said}")
    if status == 429:
        return TemporarilyUnavailable(f"Deepgram has too many requests from this key (429){said}")
    if status is not None and 400 <= status < 500 and status != 408:
        return Rejected(f"Deepgram refused the request ({status}){said}")
    return TemporarilyUnavailable(f"Deepgram failed ({status}){said}")


class SpokenWord(Struct, frozen=True):
    """A word of Deepgram's messages."""

    word: str
    start: float
    end: float
    confidence: float = 1.0
    punctuated_word: str | None = None
    speaker: int | None = None

    @property
    def text(self) -> str:
        """The word as it is to be read."""
        return self.punctuated_word or self.word

    def on_leg(self, *, ahead: float) -> LegWord:
        """The word, for a leg that was sent so many seconds of audio that are not of the capture."""
        return LegWord(self.text, self.start - ahead, self.end - ahead, self.confidence, self.speaker or 0)


class Alternative(Struct, frozen=True):
    """One reading of an utterance. Deepgram gives one."""

    words: tuple[SpokenWord, ...] = ()


class Channel(Struct, frozen=True):
    """What was said on a channel."""

    alternatives: tuple[Alternative, ...] = ()

    @property
    def words(self) -> tuple[SpokenWord, ...]:
        """The words of the best reading."""
        return self.alternatives[0].words if self.alternatives else ()


def _tag(language: str, supported: frozenset[str]) -> str | None:
    """The tag itself in Deepgram's spelling, or its primary language alone; None when neither is supported."""
    spelled = {tag.lower(): tag for tag in supported}
    wanted = language.lower().replace("_", "-")
    return spelled.get(wanted) or spelled.get(wanted.partition("-")[0])

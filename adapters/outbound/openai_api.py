"""What chat and embeddings by OpenAI's protocol have in common: the client, and what its errors mean."""

from typing import Protocol

from openai import APIConnectionError, APIStatusError, APITimeoutError, AsyncOpenAI, OpenAIError

from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

__all__ = ["AsyncOpenAI", "OpenAIError"]

OPENAI_URL = "https://api.openai.com/v1"
_NO_KEY = "none"
"""Servers of one's own ask for none, but the SDK does."""


class Server(Protocol):
    """What settings tell of a server: how it is reached, and how patient one is with it."""

    @property
    def api_key(self) -> str:
        """Empty: none."""
        ...

    @property
    def base_url(self) -> str:
        """With the version."""
        ...

    @property
    def organization(self) -> str:
        """Empty: that of the key."""
        ...

    @property
    def timeout(self) -> float:
        """Seconds for one request."""
        ...

    @property
    def retries(self) -> int:
        """Further attempts of a request."""
        ...


def client(server: Server) -> AsyncOpenAI:
    """The SDK's client. It waits as long as the server says before it tries again, up to two minutes."""
    made = AsyncOpenAI(
        api_key=server.api_key or _NO_KEY,
        base_url=server.base_url,
        timeout=server.timeout,
        max_retries=server.retries,
        organization="",
        project="",
    )
    # Given as empty so that the SDK does not look into the environment; as None they are not sent.
    made.organization, made.project = server.organization or None, None
    return made


def require_key(server: Server, *, key_setting: str) -> None:
    """Asks for a key where there is none to be had without.

    Raises:
        Rejected: OpenAI itself is to be asked, without a key.
    """
    if not server.api_key and server.base_url.rstrip("/") == OPENAI_URL:
        raise Rejected(f"OpenAI needs a key: set {key_setting}")


def failure(error: Exception, *, who: str, key_setting: str, refusal: type[Rejected] = Rejected) -> AdapterError:
    """What an error of the SDK means. Its own message is not repeated: it can hold the key, or what was said.

    Args:
        error: any that a call of the SDK raised.
        who: the server, in a word.
        key_setting: the setting of the key.
        refusal: what to make of a request that is not accepted as it is.
    """
    if isinstance(error, APITimeoutError | TimeoutError):
        return TemporarilyUnavailable(f"{who} did not answer in time")
    if isinstance(error, APIConnectionError):
        return TemporarilyUnavailable(f"{who} cannot be reached")
    if not isinstance(error, APIStatusError):
        return TemporarilyUnavailable(f"{who} broke off, or sent something that is not understood")
    return _of_status(error, who=who, key_setting=key_setting, refusal=refusal)


_LASTING = {
    401: "refused the key",
    402: "has no credit left for this key",
    403: "does not allow this key what was asked",
    404: "does not offer what was asked",
}
_PASSING = {408: "was too busy", 409: "was too busy", 429: "has too many requests from this key"}


def _of_status(error: APIStatusError, *, who: str, key_setting: str, refusal: type[Rejected]) -> AdapterError:
    status = 402 if error.code == "insufficient_quota" else error.status_code
    told = f"({error.status_code}, {error.code})" if error.code else f"({error.status_code})"
    if status in _LASTING:
        return Rejected(f"{who} {_LASTING[status]} {told}; the key is set with {key_setting}")
    if status in _PASSING:
        return TemporarilyUnavailable(f"{who} {_PASSING[status]} {told}")
    if status < 500 or status == 501:
        return refusal(f"{who} refused the request {told}")
    return TemporarilyUnavailable(f"{who} failed {told}")

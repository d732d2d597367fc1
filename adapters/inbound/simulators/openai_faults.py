"""What goes wrong with a simulated model, and with which request: read from a script.

[[faults]]
kind = "http_status"
status = 429
retry_after_ms = 50
requests = [1, 2]       # the third one is answered

[[faults]]
kind = "truncated"
"""

from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct


class OpenAIFaultKind(StrEnum):
    """What goes wrong."""

    REFUSE = "refuse"
    """The connection is broken at once."""
    HANG = "hang"
    """The request is taken and never answered."""
    HTTP_STATUS = "http_status"
    """It is answered with `status`."""
    NO_SCHEMA = "no_schema"
    """A `json_schema` is refused, as servers do that know only `json_object`."""
    NO_FORMAT = "no_format"
    """Any `response_format` is refused."""
    PROSE = "prose"
    """The `response_format` is ignored: text comes."""
    SAY = "say"
    """The reply is `text`, whatever was asked."""
    REFUSAL = "refusal"
    """The model does not want to."""
    TRUNCATED = "truncated"
    """Half of the reply comes: the tokens are used up."""
    CONTENT_FILTER = "content_filter"
    """The reply is held back."""
    BREAK_OFF = "break_off"
    """The connection breaks in the middle of a stream, or instead of a reply."""


class OpenAIFault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that goes wrong."""

    kind: OpenAIFaultKind
    requests: tuple[int, ...] = ()
    """Which ones, counted from 1, those for the list of models left out; none named: all."""
    status: int = 503
    code: str = ""
    """Of the error, as in `insufficient_quota`."""
    retry_after_ms: int = 0
    """Told along with a status."""
    text: str = ""


class OpenAIScript(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that goes wrong."""

    faults: tuple[OpenAIFault, ...] = ()

    def of_request(self, number: int) -> dict[OpenAIFaultKind, OpenAIFault]:
        """What goes wrong with one request."""
        return {fault.kind: fault for fault in self.faults if not fault.requests or number in fault.requests}


def read_openai_script(path: Path) -> OpenAIScript:
    """A script from a TOML file.

    Raises:
        OSError: it cannot be read.
        msgspec.DecodeError: it is not a script; the message names the field.
    """
    return msgspec.toml.decode(path.read_bytes(), type=OpenAIScript)

"""What is known of the owner of a device besides memories."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from domain.errors import InvalidRequest

ANY_LANGUAGE = "multi"
"""Of a conversation in which any language may be spoken."""


class Account(Struct, frozen=True, kw_only=True):
    """Settings of one user, as the app sends them."""

    name: str = ""
    """How the user is called; empty while nobody said."""
    time_zone: str = "UTC"
    """IANA name: what "today" and "on Friday" mean."""
    language: str = ""
    """Of what is written for the user, as a tag; empty for the language of each conversation."""
    translates: bool | None = None
    """Whether what is said in other languages is told in the user's, too; None: where any may be spoken."""
    translation_language: str = ""
    """Into which one, as a tag; empty for `language`."""
    preferred_app: str = ""
    """Id of the plugin whose result comes first; empty for none."""
    dev_mode: bool = False
    """The app shows what developers want to see."""
    push_token: str = ""
    """Where notifications go; empty for nowhere."""

    def translated_to(self, spoken: str) -> str:
        """The language that what is said is told in, too; empty for none.

        Args:
            spoken: the language of a conversation, as a tag, or `multi`.
        """
        if self.translates is None:
            return self.language if spoken == ANY_LANGUAGE else ""
        wanted = self.translation_language or self.language if self.translates else ""
        return "" if wanted.partition("-")[0] == spoken.partition("-")[0] else wanted

    @property
    def zone(self) -> ZoneInfo:
        """The user's zone; UTC where the stored name is not known here."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")


def checked_zone(name: str) -> str:
    """The name of a time zone.

    Raises:
        InvalidRequest: there is no such zone.
    """
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidRequest(
            f"time_zone: {name[:40]!r} is not known; expected an IANA name as Europe/Berlin"
        ) from error

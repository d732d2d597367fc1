"""What is known of the owner of a device besides memories."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from domain.errors import InvalidRequest


class Account(Struct, frozen=True, kw_only=True):
    """Settings of one user, as the app sends them."""

    name: str = ""
    """How the user is called; empty while nobody said."""
    time_zone: str = "UTC"
    """IANA name: what "today" and "on Friday" mean."""
    language: str = ""
    """Of what is written for the user, as a tag; empty for the language of each conversation."""
    push_token: str = ""
    """Where notifications go; empty for nowhere."""

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

"""How Firestore is reached."""

from msgspec import Struct

from adapters.outbound.secret import Secret
from adapters.outbound.user_encryption import Protection


class FirestoreSettings(Struct, frozen=True, kw_only=True):
    """Where the database is, and how patient one is with it. Adapters that name the same place share a client."""

    project: str = ""
    """Google Cloud's project; empty for the one of the credentials."""
    database: str = "(default)"
    credentials_file: str = ""
    """Key of a service account, as JSON; empty for what the machine itself has."""
    host: str = ""
    """Host and port of another service than Google's, such as a simulation; empty for Google's."""
    insecure: bool = False
    """Without TLS and without credentials: for simulations and emulators alone. Needs `host`."""
    timeout: float = 5.0
    """Seconds for one attempt of a call."""
    patience: float = 15.0
    """Seconds for all attempts of a call together."""
    protection: Protection = Protection.STANDARD
    """Of what is new; `enhanced` needs the secret. Memories that are there keep theirs."""
    encryption_secret: Secret = ""
    """What texts of the level `enhanced` are encrypted with (ENCRYPTION_SECRET of earlier backends)."""


class FirestorePlace(Struct, frozen=True, kw_only=True):
    """A database and how it is reached: what a client is made for."""

    project: str
    database: str
    credentials_file: str
    host: str
    insecure: bool

    def __str__(self) -> str:
        return f"Firestore ({self.project or 'project of the credentials'}, {self.database})"

    @classmethod
    def of(cls, settings: FirestoreSettings) -> "FirestorePlace":
        """The place that settings name."""
        return cls(
            project=settings.project,
            database=settings.database,
            credentials_file=settings.credentials_file,
            host=settings.host,
            insecure=settings.insecure,
        )

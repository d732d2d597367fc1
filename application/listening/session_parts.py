"""What a session has besides sound, where somebody provides it: how clients reach it."""

from typing import Protocol


class Asking(Protocol):
    """Asks a new user questions; `Onboarding` does."""

    def start(self) -> None:
        """The user is ready."""
        ...

    def skip(self) -> None:
        """The user does not want to answer."""
        ...


class Screen(Protocol):
    """What the user looks at; `ClientScreen` keeps it."""

    shows_words: bool
    """Guesses are of use."""

    def change(self, *, is_open: bool, shows_words: bool) -> None:
        """The client says whether its app is open, and whether it shows what is said."""
        ...

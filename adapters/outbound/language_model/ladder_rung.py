"""A model of the chain, with what the tasks of this process have learned of it."""

from collections.abc import Callable

from adapters.outbound.speech_to_text.failover.breaker import Breaker, BreakerState
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable
from ports.language_model import LanguageModel, NoFittingAnswer, Refused


class Rung:
    """A model of the chain. After a failure it is left alone for a while."""

    def __init__(self, model: LanguageModel, *, monotonic: Callable[[], float]) -> None:
        self.model = model
        self._breaker = Breaker(monotonic=monotonic)

    @property
    def reason(self) -> str:
        """Why it is left alone."""
        return self._breaker.reason

    @property
    def is_worth_a_try(self) -> bool:
        """Whether it would be asked now."""
        return self._breaker.state is not BreakerState.OPEN

    def may_try(self) -> bool:
        """Whether the caller may ask it; if so, it tells what came of it, or leaves."""
        return self._breaker.try_it()

    def served(self, *, began: float) -> None:
        """It did a task, or at least it works."""
        self._breaker.served(opened=began)

    def failed(self, error: Exception, *, began: float) -> tuple[AdapterError, bool]:
        """It did not do a task.

        Returns:
            What went wrong, and whether another try may go better.
        """
        match error:
            case Refused():
                self.served(began=began)
                return error, False
            case NoFittingAnswer():
                self.served(began=began)
                return error, True
            case Rejected():
                self._breaker.rejected(str(error))
                return error, True
            case _:
                told = error if isinstance(error, AdapterError) else self._translated(error)
                self._breaker.failed(str(told))
                return told, True

    def _translated(self, error: Exception) -> AdapterError:
        return TemporarilyUnavailable(f"{self.model.name} failed: {type(error).__name__}")


class LastRung(Rung):
    """The last model of the chain. It is tried however it failed before: there is no other."""

    @property
    def is_worth_a_try(self) -> bool:
        """Always."""
        return True

    def may_try(self) -> bool:
        """Always."""
        return True

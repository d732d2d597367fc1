"""What failures of Firestore mean, in the words of the ports."""

from google.api_core import exceptions
from google.auth.exceptions import GoogleAuthError

from ports.errors import AdapterError, Conflict, Rejected, TemporarilyUnavailable

FAILURES = (exceptions.GoogleAPIError, GoogleAuthError, TimeoutError)
"""What a call of the SDK may raise."""

_REFUSED = "refused the credentials: set CREDENTIALS_FILE to the key of a service account that may use it"
_OVERTAKEN = "was changed by somebody else meanwhile"
_MEANINGS: tuple[tuple[type[Exception], str, type[AdapterError], str], ...] = (
    (exceptions.Unauthorized, "", Rejected, _REFUSED),
    (exceptions.Forbidden, "", Rejected, _REFUSED),
    (GoogleAuthError, "", Rejected, _REFUSED),
    (exceptions.FailedPrecondition, "index", Rejected, "lacks an index that a query needs"),
    (exceptions.FailedPrecondition, "", Conflict, _OVERTAKEN),
    (exceptions.NotFound, "No document", Conflict, _OVERTAKEN),
    (exceptions.NotFound, "", Rejected, "does not exist: set PROJECT and DATABASE to one that does"),
    (exceptions.Conflict, "", Conflict, _OVERTAKEN),
    (exceptions.TooManyRequests, "", TemporarilyUnavailable, "has too many requests"),
    (exceptions.Cancelled, "", TemporarilyUnavailable, "broke off"),
    (exceptions.ClientError, "", Rejected, "refused what was asked"),
)
"""What was raised, a word in its message, what it means, and how that is told; the first that fits."""


def translated(error: Exception, *, place: str) -> AdapterError:
    """The error of the ports for a failure. Messages of Firestore are not repeated: they can name documents.

    Args:
        error: one of `FAILURES`.
        place: the database, as people name it.
    """
    kind = type(error).__name__
    for kinds, word, failure, told in _MEANINGS:
        if isinstance(error, kinds) and word in str(error):
            return failure(f"{place} {told} ({kind})")
    return TemporarilyUnavailable(f"{place} cannot be reached, or has too much to do ({kind})")

"""Google's SDK for Cloud Storage: how it is made, how patient it is, and what its errors mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import msgspec
import requests
from google.api_core import exceptions as answers
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud import storage  # type: ignore[attr-defined]
from google.cloud.storage.exceptions import DataCorruption  # type: ignore[import-untyped]
from google.cloud.storage.retry import DEFAULT_RETRY  # type: ignore[import-untyped]
from msgspec import Struct

from ports.errors import NotFound, Rejected, TemporarilyUnavailable


class Patience(Struct, frozen=True):
    """How long is waited."""

    timeout: float
    """Seconds for one request."""
    altogether: float
    """Seconds until a failed request is tried for the last time. All of ours may be done twice."""

    @property
    def options(self) -> dict[str, Any]:
        """For every call of the SDK: what it does by itself goes on for two minutes, or is tried once."""
        return {"timeout": self.timeout, "retry": DEFAULT_RETRY.with_timeout(self.altogether)}


def client(service_account: str, *, endpoint: str) -> storage.Client:
    """The SDK's client.

    Raises:
        Rejected: what is given is no service account, or there is none at all.
    """
    made = _client(service_account, endpoint=endpoint)
    made._http.hooks["response"].append(_drain)  # noqa: SLF001 - there is no other way to the session
    # otherwise a thread of the SDK asks for the bucket, for traces that nobody takes, and outlives the client
    made._bucket_metadata_cache = None  # noqa: SLF001 - the SDK's own switch is a variable of the environment
    return made


def _drain(answer: requests.Response, **_: object) -> None:
    """Reads a refusal to its end: the SDK does not, and then the connection can be used no more."""
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        answer.content  # noqa: B018 - reads it


def _client(service_account: str, *, endpoint: str) -> storage.Client:
    options = {"api_endpoint": endpoint} if endpoint else None
    try:
        if service_account.lstrip().startswith("{"):
            account = msgspec.json.decode(service_account)
            return storage.Client.from_service_account_info(account, client_options=options)
        if service_account:
            return storage.Client.from_service_account_json(service_account, client_options=options)
        if endpoint:
            nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]
            return storage.Client(project="omi", credentials=nobody, client_options=options)
        return storage.Client(client_options=options)
    except (OSError, ValueError, GoogleAuthError) as error:
        # from None: the cause may quote the key
        raise Rejected(f"Google's credentials cannot be used ({type(error).__name__}): set `service_account`") from None


@contextmanager
def translated() -> Iterator[None]:
    """Turns failures of the block into errors of the ports.

    Raises:
        NotFound: there is no such object, or no such bucket.
        Rejected: Google refuses what was asked.
        TemporarilyUnavailable: it failed, or could not be reached.
    """
    try:
        yield
    except answers.NotFound as error:
        raise NotFound("there is no object of this name") from error
    except (answers.TooManyRequests, answers.RequestRangeNotSatisfiable) as error:
        raise TemporarilyUnavailable(f"Cloud Storage asks for patience ({error.code})") from error
    except answers.ClientError as error:
        raise Rejected(
            f"Cloud Storage refuses the request ({error.code}): look at the bucket and who may use it"
        ) from error
    except GoogleAuthError as error:
        told = f"Google gives us no access to Cloud Storage ({type(error).__name__})"
        is_passing = error.retryable or isinstance(error, TransportError)
        raise (TemporarilyUnavailable if is_passing else Rejected)(told) from error
    except (answers.GoogleAPIError, requests.RequestException, DataCorruption, OSError) as error:
        raise TemporarilyUnavailable(f"Cloud Storage cannot be reached ({type(error).__name__})") from error

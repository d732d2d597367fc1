"""How the world fails, in words the application understands. Adapters translate `raise ... from`."""


class AdapterError(Exception):
    """Something outside failed. The message says what was tried and on what; never a secret or a transcript."""


class TemporarilyUnavailable(AdapterError):
    """It may work later or elsewhere: no answer, overload, a lost connection."""


class Rejected(AdapterError):
    """It will not work as asked: wrong key, bad argument, unsupported option. Trying again changes nothing."""


class NotFound(AdapterError):
    """There is no such thing."""


class Conflict(AdapterError):
    """Somebody else changed it meanwhile, or it exists already."""


class StorageFull(TemporarilyUnavailable):
    """Nothing more can be written. What was stored before is whole."""


def cause(group: BaseExceptionGroup[AdapterError]) -> AdapterError:
    """The first failure in a group: ports raise one error, never a group."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, AdapterError):
        raise TypeError(f"not a failure of an adapter: {error!r}")
    return error

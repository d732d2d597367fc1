"""What can be wrong with asking for a better transcript."""

from typing import ClassVar

from domain.errors import BusinessError


class MemoryDiscarded(BusinessError):
    """The memory was not worth keeping; there is nothing to make better."""

    code: ClassVar[str] = "memory_discarded"


class AlreadyPostProcessing(BusinessError):
    """A better transcript of this memory is being made now."""

    code: ClassVar[str] = "already_post_processing"

"""Checks and their findings."""

import pytest

from adapters.inbound.command_line.doctor import examined, is_broken, of_adapter
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable

FINE = Diagnosis(condition=Condition.WORKING, finding="fine")


class Adapter:
    """Opens, unless it has a failure, and can tell how it does then."""

    def __init__(self, failure: AdapterError | None = None) -> None:
        self._failure = failure
        self.is_open = False

    async def __aenter__(self) -> "Adapter":
        if self._failure is not None:
            raise self._failure
        self.is_open = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self.is_open = False

    async def diagnose(self) -> Diagnosis:
        assert self.is_open
        return FINE


async def test_an_adapter_is_asked_while_it_is_open() -> None:
    adapter = Adapter()
    assert await of_adapter(lambda: adapter) == FINE
    assert not adapter.is_open


@pytest.mark.parametrize("failure", [Rejected("no model"), TemporarilyUnavailable("no disk")])
async def test_an_adapter_that_does_not_open_is_broken(failure: AdapterError) -> None:
    diagnosis = await of_adapter(lambda: Adapter(failure))
    assert (diagnosis.condition, diagnosis.finding) == (Condition.BROKEN, str(failure))


async def test_an_adapter_that_cannot_tell_works_when_it_can_be_built() -> None:
    assert (await of_adapter(object)).condition is Condition.WORKING


async def test_findings_come_in_the_order_of_the_checks() -> None:
    async def fine() -> Diagnosis:
        return FINE

    findings = await examined({"second": fine, "first": lambda: of_adapter(lambda: Adapter(Rejected("no")))})
    assert [finding.name for finding in findings] == ["second", "first"]
    assert is_broken(findings)
    assert not is_broken(findings[:1])

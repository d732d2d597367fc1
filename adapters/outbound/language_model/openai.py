"""Language models behind OpenAI's protocol: OpenAI's own, and servers like llama.cpp, vLLM, Ollama and LM Studio."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import anyio
from msgspec import Struct

from adapters.outbound import openai_api
from adapters.outbound.language_model.chat_messages import Message, messages_of, tokens_of
from adapters.outbound.language_model.openai_chat import KEY_SETTING, UNWILLING, WHO, Request, completed
from adapters.outbound.language_model.openai_form import fill
from adapters.outbound.language_model.openai_probe import best_writing
from adapters.outbound.language_model.openai_stream import streamed
from adapters.outbound.language_model.replies import without_thoughts
from adapters.outbound.openai_api import OPENAI_URL, AsyncOpenAI, OpenAIError
from adapters.outbound.secret import Secret
from ports.diagnosis import Condition, Diagnosis
from ports.errors import Rejected, TemporarilyUnavailable
from ports.language_model import Answer, Capabilities, NoFittingAnswer, Refused, Task, Tokens, Writing

T = TypeVar("T")

_MODEL_SETTING = "OMI_LANGUAGE_MODEL__OPENAI__MODEL"
_DIAGNOSIS_SECONDS = 4.0


class OpenAILanguageModelSettings(Struct, frozen=True, kw_only=True):
    """How a server that speaks OpenAI's protocol is used."""

    api_key: Secret = ""
    """Servers of one's own need none."""
    base_url: str = OPENAI_URL
    """With the version, as in `http://127.0.0.1:11434/v1`."""
    model: str = "gpt-5.4-mini"
    vision_model: str = ""
    """For photos; empty: the same."""
    organization: str = ""
    writing: Writing | None = None
    """How well the model keeps to a form; None: it is tried once."""
    vision: bool = True
    """It can look at photos."""
    context_tokens: int = 128_000
    reasoning_effort: str = ""
    """For models that take one: `low`, `medium`; empty: as they come."""
    timeout: float = 60.0
    """Seconds for one request; a task's own budget may be shorter."""
    retries: int = 2
    """Further attempts of a request after an overload or a lost connection."""


class OpenAILanguageModel:
    """Has tasks done by a server that speaks OpenAI's protocol.

    A reply that does not fit is sent back once with what was wrong; then the model is asked in a simpler way. How well
    a model keeps to a schema is tried once, with a small request, before the first task that has a form.
    """

    name = "openai"

    def __init__(self, settings: OpenAILanguageModelSettings) -> None:
        self._settings = settings
        self._client: AsyncOpenAI
        self._writing = settings.writing
        self._trying: anyio.Event | None = None

    async def __aenter__(self) -> "OpenAILanguageModel":
        self._client = openai_api.client(self._settings)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    @property
    def capabilities(self) -> Capabilities:
        """What the settings say, and what was found out."""
        return Capabilities(
            writing=self._writing or Writing.JSON_SCHEMA,
            vision=self._settings.vision,
            context_tokens=self._settings.context_tokens,
        )

    async def generate(self, task: Task[T]) -> Answer[T]:
        """Does a task; see the port."""
        self._check(task)
        with _within(task):
            written, tokens = await (self._write(task) if task.form is None else self._fill(task, task.form))
        return Answer(value=task.conclude(written), model=self.name, tokens=tokens)

    @asynccontextmanager
    async def stream(self, task: Task[str]) -> AsyncIterator[AsyncIterator[str]]:
        """Writes text that is shown while it is written; see the port."""
        self._check(task)
        async with streamed(
            self._client, self._request(task, messages_of(task)), seconds=task.budget.seconds
        ) as pieces:
            yield pieces

    async def diagnose(self) -> Diagnosis:
        """Asks for the list of models: it costs nothing, and a wrong key is noticed."""
        settings = self._settings
        try:
            openai_api.require_key(self._settings, key_setting=KEY_SETTING)
            with anyio.fail_after(_DIAGNOSIS_SECONDS):
                offered = {model.id for model in (await self._client.models.list()).data or ()}
        except (OpenAIError, ValueError, TimeoutError, Rejected) as error:
            found = (
                error if isinstance(error, Rejected) else openai_api.failure(error, who=WHO, key_setting=KEY_SETTING)
            )
            is_refused = isinstance(found, Rejected)
            return Diagnosis(
                condition=Condition.BROKEN if is_refused else Condition.DEGRADED,
                finding=str(found),
                remedy=f"set {KEY_SETTING}" if is_refused else "check the network and the address",
            )
        if settings.model not in offered:
            finding = f"{settings.model} is not among the {len(offered)} models that are offered"
            return Diagnosis(
                condition=Condition.DEGRADED, finding=finding, remedy="set OMI_LANGUAGE_MODEL__OPENAI__MODEL"
            )
        return Diagnosis(condition=Condition.WORKING, finding=f"{settings.model} is offered")

    async def _write(self, task: Task[Any]) -> tuple[str, Tokens]:
        """Plain text. What was cut off is used as far as it goes."""
        request = self._request(task, messages_of(task))
        reply = await completed(self._client, request)
        if reply.finish in UNWILLING:
            raise Refused(f"{WHO} does not want to do {task.name}: {reply.finish}")
        text = without_thoughts(reply.text)
        if reply.finish == "length" and not text:
            raise NoFittingAnswer(f"{WHO} used all {request.output_tokens} tokens of {task.name} without an answer")
        return text, reply.tokens

    async def _fill(self, task: Task[Any], form: type[Struct]) -> tuple[Struct, Tokens]:
        return await fill(self._client, self._request(task, ()), task=task, form=form, best=await self._best_writing())

    def _request(self, task: Task[Any], messages: Sequence[Message]) -> Request:
        return Request(
            model=self._model(task), messages=messages, output_tokens=task.budget.output_tokens, more=self._more()
        )

    def _model(self, task: Task[Any]) -> str:
        return (task.needs_vision and self._settings.vision_model) or self._settings.model

    def _more(self) -> dict[str, Any]:
        effort = self._settings.reasoning_effort
        return {"reasoning_effort": effort} if effort else {}

    def _check(self, task: Task[Any]) -> None:
        """Refuses at once what the server would refuse after a long upload."""
        settings = self._settings
        openai_api.require_key(self._settings, key_setting=KEY_SETTING)
        if task.needs_vision and not settings.vision:
            raise Refused(f"{settings.model} cannot look at photos")
        needed = task.budget.output_tokens + tokens_of(task)
        if needed > settings.context_tokens:
            raise Refused(f"{task.name} needs {needed} tokens; {settings.model} takes {settings.context_tokens}")

    async def _best_writing(self) -> Writing:
        """Tried once: whoever comes meanwhile waits for what is found."""
        while self._writing is None:
            if self._trying is not None:
                await self._trying.wait()
                continue
            self._trying = anyio.Event()
            try:
                self._writing = await best_writing(self._client, model=self._settings.model, more=self._more())
            finally:
                self._trying.set()
                self._trying = None
        return self._writing


@contextmanager
def _within(task: Task[Any]) -> Iterator[None]:
    try:
        with anyio.fail_after(task.budget.seconds):
            yield
    except TimeoutError as error:
        raise TemporarilyUnavailable(f"{WHO} did not do {task.name} within {task.budget.seconds:g} s") from error

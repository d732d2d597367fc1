"""Names to adapters: imports the class that was chosen and gives it what its constructor asks for."""

import importlib
import inspect
from typing import Any, get_type_hints

from adapters.outbound.language_model.ladder import LadderLanguageModel
from adapters.outbound.speech_to_text.failover.failover import FailoverSpeechToText
from adapters.outbound.speech_to_text.metered import MeteredSpeechToText
from adapters.outbound.speech_to_text.owner_clip import OwnerClip
from adapters.outbound.speech_to_text.primed import PrimedSpeechToText
from adapters.outbound.speech_to_text.traced import TracedSpeechToText
from application.questions.answer_model import TaskAnswerModel
from bootstrap.known_settings import DEFAULTS
from bootstrap.registry import REGISTRY
from bootstrap.settings import Settings, WrongSetting
from ports.clock import Clock
from ports.key_value_store import KeyValueStore
from ports.language_model import LanguageModel
from ports.object_store import ObjectStore
from ports.speech_to_text import SpeechToText
from ports.tracer import Tracer
from ports.usage_ledger import UsageLedger

WITHOUT_A_MODEL = frozenset({"extractive"})
"""Implementations of the language model by rules."""

OWN = frozenset({"adapters", "application", "bootstrap", "domain", "ports"})
INSTALL = "install what vendors need with: make vendors"


def adapter_class(port: str, name: str) -> type[Any]:
    """The class of an adapter. Imports its module, and with it what the technology needs.

    Raises:
        WrongSetting: what the technology needs is not installed.
    """
    module, _, attribute = REGISTRY[port][name].partition(":")
    try:
        found: type[Any] = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        needed = (error.name or "").partition(".")[0]
        if needed in OWN:
            raise
        raise WrongSetting(f"{port} is to be {name}, but {needed} is not installed; {INSTALL}") from error
    return found


def settings_class(adapter: type[Any]) -> type[Any] | None:
    """The Struct of an adapter's own settings; None when it has none."""
    parameter = inspect.signature(adapter).parameters.get("settings")
    return get_type_hints(adapter.__init__)["settings"] if parameter is not None else None


def build(port: str, name: str, *, settings: Settings, clock: Clock | None, **more: object) -> Any:  # noqa: ANN401 - any port
    """An adapter, constructed and not opened yet.

    Args:
        port: what it is for.
        name: which one.
        settings: where its own are among.
        clock: for adapters that ask for it.
        more: further things that it may ask for, by name.

    Raises:
        WrongSetting: one of its settings is unknown or wrong.
    """
    adapter = adapter_class(port, name)
    offered: dict[str, object] = {"data_dir": settings.data_dir, "clock": clock, **more}
    wanted = inspect.signature(adapter).parameters
    given = {name: value for name, value in offered.items() if name in wanted}
    own = settings_class(adapter)
    if own is not None:
        given["settings"] = settings.of_adapter(port, name, own)
    return adapter(**given)


def recognizer(
    name: str,
    *,
    settings: Settings,
    clock: Clock,
    ledger: UsageLedger,
    profile: OwnerClip,
    objects: ObjectStore,
    tracer: Tracer | None = None,
) -> SpeechToText:
    """A recognizer with what is to be around it. Primed from outside: the clip is paid for, so it is counted."""
    technology = build("speech_to_text", name, settings=settings, clock=clock, profile=profile, objects=objects)
    metered = MeteredSpeechToText(
        technology if tracer is None else TracedSpeechToText(technology, tracer=tracer),
        ledger=ledger,
        clock=clock,
        dollars_per_hour=settings.prices.get(name, 0.0),
    )
    if settings.primed and getattr(technology, "tells_voices_apart", False):
        return PrimedSpeechToText(metered, profile=profile)
    return metered


def recognizer_chain(
    settings: Settings,
    clock: Clock,
    ledger: UsageLedger,
    *,
    profile: OwnerClip,
    objects: ObjectStore,
    tracer: Tracer | None = None,
    values: KeyValueStore | None = None,
) -> FailoverSpeechToText:
    """The recognizers of `OMI_SPEECH_TO_TEXT__CHAIN` as one, with batch recognizers for what falls behind."""
    recognizers = [
        recognizer(name, settings=settings, clock=clock, ledger=ledger, profile=profile, objects=objects, tracer=tracer)
        for name in settings.names("speech_to_text")
    ]
    return FailoverSpeechToText(
        recognizers,
        batch=[
            build("batch_speech_to_text", name, settings=settings, clock=clock)
            for name in settings.names("batch_speech_to_text")
        ],
        clock=clock,
        folder=settings.data_dir,
        values=values if settings.names("key_value_store") == ("redis",) else None,
    )


def language_model_chain(settings: Settings, clock: Clock) -> LadderLanguageModel:
    """The models of `OMI_LANGUAGE_MODEL__CHAIN` as one. The embedded one comes last, whether it is named or not."""
    embedded = DEFAULTS["language_model"]
    names = [name for name in settings.names("language_model") if name != embedded]
    models = [build("language_model", name, settings=settings, clock=clock) for name in (*names, embedded)]
    return LadderLanguageModel(models, clock=clock)


def answer_model(settings: Settings, model: LanguageModel) -> TaskAnswerModel | None:
    """What writes answers; None where only rules could: they would quote, and that is done with all places instead."""
    has_model = set(settings.names("language_model")) - WITHOUT_A_MODEL
    return TaskAnswerModel(model) if has_model else None


def chosen(port: str, settings: Settings, clock: Clock | None = None, **more: object) -> Any:  # noqa: ANN401 - any port
    """The adapter that the settings name for a port."""
    return build(port, settings.names(port)[0], settings=settings, clock=clock, **more)

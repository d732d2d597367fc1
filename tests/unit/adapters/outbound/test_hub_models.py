"""Files of models: in folders, and on a hub that may not be there."""

from pathlib import Path
from typing import Any

import pytest

from adapters.outbound import torch_models
from adapters.outbound.hub_models import ModelSource, folder_of, refusal
from ports.errors import AdapterError, Rejected, TemporarilyUnavailable


def source(name: str = "somebody/some-model") -> ModelSource:
    return ModelSource(name=name, token="hf_secret", setting="OMI_X")  # noqa: S106 - a made-up one


def answered(kind: str, status: int) -> Exception:
    """An error as the hub's client raises it."""
    errors = torch_models.imported("huggingface_hub.errors")
    http: Any = torch_models.imported(errors.HTTPError.__module__.partition(".")[0])
    request = http.Request("GET", "https://hub.example/api/models/somebody/some-model")
    return getattr(errors, kind)("no", response=http.Response(status, request=request))


def test_a_folder_is_taken_as_it_is(tmp_path: Path):
    assert folder_of(source(str(tmp_path)), files=["*"]) == tmp_path


@pytest.mark.parametrize("name", ["/no/such/folder", "./models/mine", "", "mine", "a/b/c", "~/no-such-model"])
def test_what_is_no_folder_and_no_name_of_the_hub_is_told_with_its_setting(name: str):
    with pytest.raises(Rejected, match=r"^OMI_X__MODEL is '.*'; expected a folder that exists, or a hub's owner/name$"):
        folder_of(source(name), files=["*"])


@pytest.mark.parametrize("revision", ["", "@v1.0"])
def test_without_the_hub_a_model_that_is_not_here_is_told_with_its_setting(
    monkeypatch: pytest.MonkeyPatch, revision: str
):
    monkeypatch.setattr(torch_models.imported("huggingface_hub.constants"), "HF_HUB_OFFLINE", True)

    with pytest.raises(
        Rejected, match=r"^OMI_X__MODEL is 'nobody/nothing.*', which is not on this machine.*OFFLINE\)$"
    ):
        folder_of(source(f"nobody/nothing{revision}"), files=["*"])


@pytest.mark.parametrize("name", ["somebody/some-model", "somebody/some-model@main"])
def test_what_was_fetched_before_is_found_without_the_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str):
    constants = torch_models.imported("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    model = tmp_path / "models--somebody--some-model"
    snapshot = model / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / "weights.ckpt").write_bytes(b"weights")
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text("0" * 40)

    assert folder_of(source(name), files=["*.ckpt"]) == snapshot


@pytest.mark.parametrize(
    ("kind", "status", "expected", "says"),
    [
        (
            "GatedRepoError",
            403,
            Rejected,
            "accepted its conditions: at hf.co/somebody/some-model, then set OMI_X__TOKEN",
        ),
        ("RepositoryNotFoundError", 401, Rejected, "no such model or wants another OMI_X__TOKEN"),
        ("RevisionNotFoundError", 404, Rejected, "no such revision"),
        ("HfHubHTTPError", 401, Rejected, "set OMI_X__TOKEN"),
        ("HfHubHTTPError", 503, TemporarilyUnavailable, "answered 503"),
    ],
)
def test_the_hub_s_answers_say_what_to_set(kind: str, status: int, expected: type[AdapterError], says: str):
    told = refusal(answered(kind, status), source())

    assert type(told) is expected
    assert str(told).startswith("OMI_X__MODEL is 'somebody/some-model'")
    assert says in str(told)
    assert "hf_secret" not in str(told)
    assert "\n" not in str(told)


def test_a_hub_that_is_not_reached_may_be_reached_later():
    told = refusal(ConnectionError("name or service not known"), source())

    assert type(told) is TemporarilyUnavailable
    assert "the hub cannot be reached" in str(told)

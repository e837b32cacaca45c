"""Where the model collections come from."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from benchmarks import corpora as module
from benchmarks.corpora import Corpus, corpora, examples

TINY = Corpus("tiny", "1.0", "tiny/models", "MIT")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARCHLINT_CORPORA", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_every_corpus_is_pinned_and_names_its_licence() -> None:
    found = corpora(wide=True)
    usual = ["torchvision", "timm", "keras", "tf_slim", "facenet", "facenet_whole", "pytorchcv"]
    assert [c.name for c in found if c in corpora()][:7] == usual
    assert all(c.version and c.folder and c.licence for c in found)


def test_a_package_is_downloaded_once_and_only_its_source_is_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def download(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        with zipfile.ZipFile(Path(command[command.index("--dest") + 1]) / "tiny-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr("tiny/models/net.py", "import torch\n")
            wheel.writestr("tiny/_C.so", "binary")
            wheel.writestr("tiny-1.0.dist-info/LICENSE", "MIT")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(module.subprocess, "run", download)
    assert TINY.fetch() == TINY.fetch() == cache / "tiny-1.0"
    [command] = calls
    assert "--no-deps" in command
    assert command[-1] == "tiny==1.0"
    files = sorted(str(p.relative_to(cache)) for p in cache.rglob("*") if p.is_file())
    assert files == ["tiny-1.0/tiny-1.0.dist-info/LICENSE", "tiny-1.0/tiny/models/net.py"]


def test_without_a_network_it_says_what_to_do(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found for tiny==1.0\n")

    monkeypatch.setattr(module.subprocess, "run", refused)
    with pytest.raises(SystemExit) as stopped:
        TINY.fetch()
    assert "tiny 1.0 could not be downloaded: ERROR: No matching distribution" in str(stopped.value)
    assert str(cache / "tiny-1.0") in str(stopped.value)
    assert list(cache.iterdir()) == []


def test_an_example_goes_on_from_the_imports_of_those_before() -> None:
    text = "```python\nimport torch\nfrom zoo import Net\nnet = Net(3)\n```\nor, with two classes,\n"
    text += "```python\nnet = Net(\n```\n```bash\npip install zoo\n```\n```py\nNet(3, classes=2)\n```\n"
    assert examples(text) == [
        "import torch\nfrom zoo import Net\nnet = Net(3)\n",
        "from zoo import Net\nNet(3, classes=2)\n",
    ]


def test_a_corpus_may_be_another_part_of_a_package() -> None:
    whole = Corpus("tiny_whole", "1.0", ".", "MIT", package="tiny")
    (module.cache() / "tiny-1.0").mkdir(parents=True)
    assert whole.fetch() == TINY.fetch()
    assert whole.recorded != TINY.recorded

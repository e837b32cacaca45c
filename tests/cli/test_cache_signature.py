"""What makes a cache of one installation that of another: the same files, wherever and whenever they were installed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from archlint.cache.signature import signature_of

RECORD = "lab_rules/__init__.py,sha256=aaa,10\nlab_rules/naming.py,sha256=bbb,20\n"


def install(place: Path, record: str | None, when: int) -> None:
    package = place / "lab_rules"
    package.mkdir(parents=True)
    for name in ("__init__.py", "naming.py"):
        (package / name).write_text("x = 1\n")
        os.utime(package / name, (when, when))
    if record is not None:
        (place / "lab-1.0.dist-info").mkdir()
        (place / "lab-1.0.dist-info/RECORD").write_text(record)
        os.utime(place / "lab-1.0.dist-info/RECORD", (when, when))


def signature(place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    with monkeypatch.context() as context:
        context.syspath_prepend(str(place))
        sys.modules.pop("lab_rules", None)
        return signature_of(["lab_rules"])


def test_an_installation_is_known_by_its_list_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "a", RECORD, 1_000_000)
    install(tmp_path / "b", RECORD, 2_000_000)
    install(tmp_path / "c", RECORD.replace("bbb", "ccc"), 2_000_000)
    first, later, other = (signature(tmp_path / name, monkeypatch) for name in "abc")
    assert first == later != other


def test_a_file_that_was_edited_after_it_was_installed_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, RECORD, 1_000_000)
    before = signature(tmp_path, monkeypatch)
    (tmp_path / "lab_rules/naming.py").write_text("x = 2\n")
    assert signature(tmp_path, monkeypatch) != before


def test_a_checkout_is_known_by_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, None, 1_000_000)
    before = signature(tmp_path, monkeypatch)
    assert signature(tmp_path, monkeypatch) == before
    os.utime(tmp_path / "lab_rules/naming.py", (1_000_001, 1_000_001))
    after = signature(tmp_path, monkeypatch)
    (tmp_path / "lab_rules/more.py").write_text("")
    assert len({before, after, signature(tmp_path, monkeypatch)}) == 3


def test_a_pack_that_is_not_there_is_no_error() -> None:
    assert signature_of(["no_such_pack_of_rules"]) == signature_of(["no_such_pack_of_rules"])

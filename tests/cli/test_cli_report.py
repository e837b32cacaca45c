"""`archlint report`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from shell import BROKEN, CLEAN, Cli

from archlint import workers


def text_of(page: str) -> str:
    return " ".join(
        re.sub(r"<script.*?</script>|<[^>]+>", " ", Path(page).read_text(encoding="utf-8"), flags=re.DOTALL).split()
    )


def project() -> None:
    Path("zoo").mkdir()
    Path("zoo/clean.py").write_text(CLEAN)
    Path("zoo/broken.py").write_text(BROKEN.replace("Net", "Broken"))
    Path("zoo/plain.py").write_text("x = 1\n")


def test_a_folder_of_pages(cli: Cli) -> None:
    project()
    outcome = cli("report", "zoo", "-o", "out")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.splitlines()[-1] == f"wrote {Path('out/index.html')}"
    assert sorted(str(path.relative_to("out")) for path in Path("out").rglob("*") if path.is_file()) == [
        "archlint-report.json", "assets/graph.js", "assets/report.js", "assets/style.css", "findings.html",
        "index.html", "models/0001-Broken.html", "models/0002-Net.html",
    ]  # fmt: skip
    index = text_of("out/index.html")
    assert "2 models 2 of 3 files with models 6 layer calls 100 % understood" in index
    assert "ARC102 channel-mismatch error 1 1" in index
    assert "Broken zoo/broken.py:4 PyTorch 3 18,912 100 % 1 error" in index
    assert "Net zoo/clean.py:4 PyTorch 3 5,088 100 %" in index


def test_every_link_leads_somewhere(cli: Cli) -> None:
    project()
    cli("report", "zoo", "-o", "out")
    for page in ("index.html", "findings.html", "models/0001-Broken.html"):
        file = Path("out", page)
        for link in re.findall(
            r'(?:href|src)="([^"#]+)', file.read_text(encoding="utf-8").partition("<script type")[0]
        ):
            assert (file.parent / link).exists(), (page, link)


def test_findings_lead_to_their_model(cli: Cli) -> None:
    project()
    cli("report", "zoo", "-o", "out")
    assert '<a href="models/0001-Broken.html">Broken</a>' in Path("out/findings.html").read_text()


def test_the_report_as_data(cli: Cli) -> None:
    project()
    cli("report", "zoo", "-o", "out", "--title", "The zoo")
    data = json.loads(Path("out/archlint-report.json").read_text())
    assert (data["generator"], data["title"], data["files"]) == ("archlint", "The zoo", 3)
    assert [(one["name"], one["page"], one["trainable"], one["errors"]) for one in data["models"]] == [
        ("Broken", "models/0001-Broken.html", 18912, 1), ("Net", "models/0002-Net.html", 5088, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("paths", "title"),
    [
        (["a/models"], "models"),
        (["a/models", "b/nets"], "models, nets"),
        (["a/models", "b/models", "a/models"], f"{Path('a/models')}, {Path('b/models')}"),
        (["a", "b", "a/models", "b/nets", "."], "a, b, models and 2 more"),
    ],
)
def test_it_is_titled_by_all_that_is_drawn(cli: Cli, paths: list[str], title: str) -> None:
    for folder in ("a/models", "b/models", "b/nets"):
        Path(folder).mkdir(parents=True)
    cli("report", *paths, "-o", "out")
    assert json.loads(Path("out/archlint-report.json").read_text())["title"] == title


def test_its_own_folder_is_written_again_and_pages_of_models_that_are_gone_go(cli: Cli) -> None:
    project()
    cli("report", "zoo", "-o", "out")
    Path("out/notes.txt").write_text("mine")
    Path("zoo/broken.py").unlink()
    assert cli("report", "zoo", "-o", "out").code == 0
    assert [path.name for path in Path("out/models").iterdir()] == ["0001-Net.html"]
    assert Path("out/notes.txt").read_text() == "mine"


def test_a_folder_with_other_files_is_left_alone(cli: Cli) -> None:
    project()
    outcome = cli("report", "zoo", "-o", "zoo")
    assert outcome.code == 2
    assert "zoo holds files that are no report of archlint; name an empty or a new folder" in outcome.err
    assert sorted(path.name for path in Path("zoo").iterdir()) == ["broken.py", "clean.py", "plain.py"]


def test_a_marker_cannot_have_files_outside_removed(cli: Cli) -> None:
    project()
    Path("out").mkdir()
    pages = [{"page": "../zoo/clean.py"}, {"page": "models/../../zoo/clean.py"}]
    Path("out/archlint-report.json").write_text(json.dumps({"generator": "archlint", "models": pages}))
    assert cli("report", "zoo", "-o", "out").code == 0
    assert Path("zoo/clean.py").exists()


def test_names_that_are_no_file_names(cli: Cli) -> None:
    keras = """
from keras import Sequential
from keras.layers import Dense

m = Sequential([Dense(2)], name="../a b/<c>")
m.build((None, 3))
"""
    Path("net.py").write_text(keras)
    assert cli("report", "net.py", "-o", "out").code == 0
    [page] = Path("out/models").iterdir()
    assert re.fullmatch(r"0001-[\w.-]+\.html", page.name)


def test_nothing_to_report(cli: Cli) -> None:
    Path("plain.py").write_text("x = 1\n")
    outcome = cli("report", "-o", "out")
    assert outcome.code == 0
    assert "0 models 0 of 1 files with models" in text_of("out/index.html")


def test_a_path_that_does_not_exist(cli: Cli) -> None:
    outcome = cli("report", "zoo", "-o", "out")
    assert outcome.code == 2
    assert "no such file or directory: zoo" in outcome.err
    assert not Path("out").exists()


def test_a_file_that_cannot_be_read_is_told_and_hides_nothing(cli: Cli) -> None:
    project()
    Path("zoo/latin.py").write_bytes(b"import torch\n# -*- coding: utf-8 -*-\nx = '\xe9'\n")
    outcome = cli("report", "zoo", "-o", "out")
    assert outcome.code == 1
    assert "zoo/latin.py" in text_of("out/index.html")
    assert len(list(Path("out/models").iterdir())) == 2


def test_many_files_in_several_processes_give_the_same_folder(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("zoo").mkdir()
    for number in range(30):
        Path(f"zoo/net{number}.py").write_text((BROKEN if number % 7 == 3 else CLEAN).replace("Net", f"Net{number}"))
    pages = []
    for count in (1, 2):
        monkeypatch.setattr(workers, "processors", lambda count=count: count)
        outcome = cli("report", "zoo", "-o", "out")
        assert outcome.code == 0, outcome.err
        pages.append({path: path.read_text(encoding="utf-8") for path in Path("out").rglob("*") if path.is_file()})
    assert len(pages[0]) > 30
    assert pages[0] == pages[1]

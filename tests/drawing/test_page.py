"""The page of HTML in a real browser: search, zoom, sorting, folding, the way to the source."""

from __future__ import annotations

import re

import pytest
from drawings import Browse, drawn, page
from drawn_models import HOSTILE, RESIDUAL, WRONG

from archlint.drawing.placing import place
from archlint.drawing.rows import arrange
from archlint.drawing.svg import sizes_of

HELPERS = """
const all = (query) => [...document.querySelectorAll(query)];
const texts = (query) => all(query).map((one) => one.textContent.trim());
const one = (query) => document.querySelector(query);
const click = (target) => target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
const key = (target, name) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
const box = (title) => all(".box").find((each) => each.querySelector("text").textContent === title);
const write = (text) => { one("#search").value = text; one("#search").dispatchEvent(new Event("input")); };
const selected = () => texts("tr.selected td:nth-child(2)");
const scale = () => Number(one("#drawing svg").dataset.scale);
"""


def test_a_page_needs_nothing_else() -> None:
    text = page(WRONG)
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", text)
    assert "@import" not in text


def test_the_drawing_the_table_and_the_facts(browse: Browse) -> None:
    told = browse(
        page(RESIDUAL),
        HELPERS
        + """
        return { title: one("#title").textContent, facts: texts("#totals span"), boxes: all(".box").length,
                 rows: texts("#table tbody tr:nth-child(2) td"), failed: window.failed || "" };
    """,
    )
    assert told == {
        "title": "Net",
        "facts": ["PyTorch", "net0.py:19", "84,642 parameters", "85 not trained",
                  "MACs per sample: 2,727,936", "21 of 21 layer calls understood", "no findings"],
        "boxes": 23,
        "rows": ["1", "stem", "Conv2d", "(N, 8, 32, 32)", "224", "221.2K", "27"],
        "failed": "",
    }  # fmt: skip


def test_search_filters_the_table_and_fades_the_rest_of_the_drawing(browse: Browse) -> None:
    told = browse(
        page(RESIDUAL),
        HELPERS
        + """
        write("stage.2 conv");
        const found = [texts("#matches")[0], texts("tbody tr:not([hidden]) td:nth-child(2)")];
        found.push(all(".box:not(.aside)").length);
        key(one("#search"), "Enter");
        found.push(selected());
        write("");
        return [...found, all("tr[hidden]").length, all(".aside").length];
    """,
    )
    assert told == ["1 layer", ["stage.2.conv"], 1, ["stage.2.conv"], 0, 0]


def test_a_click_in_the_drawing_selects_the_row_and_one_in_the_table_the_box(browse: Browse) -> None:
    told = browse(
        page(RESIDUAL),
        HELPERS
        + """
        click(box("Linear"));
        const first = [selected(), texts(".line.here"), all(".wire.lit").length];
        click(all("#table tbody tr")[1]);
        return [...first, texts(".box.selected text:not(.shape)"), texts("#details h2")];
    """,
    )
    assert told[0] == ["head"]
    assert told[1] == [
        "27          return self.head(self.stage(self.stem(x)).flatten(1))",
        "24          self.head = nn.Linear(8 * 32 * 32, classes)",
    ]
    assert told[2:] == [2, ["Conv2d", "stem · 224 params"], ["Conv2d"]]


def test_a_click_leads_to_the_source(browse: Browse) -> None:
    told = browse(
        page(RESIDUAL),
        HELPERS
        + """
        click(box("Linear"));
        return all("#details .links a").map((link) => link.getAttribute("href"));
    """,
    )
    assert told == [
        "../net0.py#L27", "vscode://file/home/net0.py:27:16",
        "../net0.py#L24", "vscode://file/home/net0.py:24:21",
    ]  # fmt: skip


def test_columns_sort_up_and_down(browse: Browse) -> None:
    told = browse(
        page(RESIDUAL),
        HELPERS
        + """
        const head = all("#table th")[4];
        const seen = () => texts("#table tbody td:nth-child(5)").slice(0, 2);
        click(head.firstElementChild);
        const down = [seen(), head.getAttribute("aria-sort")];
        click(head.firstElementChild);
        return [...down, seen(), head.getAttribute("aria-sort")];
    """,
    )
    assert told == [["81,930", "584"], "descending", ["", ""], "ascending"]


def test_zoom_by_wheel_buttons_and_keys_pan_by_dragging(browse: Browse) -> None:
    told = browse(
        page(RESIDUAL),
        HELPERS
        + """
        const view = one("#drawing svg"), seen = [scale()];
        const at = () => one("#drawing svg > g").getAttribute("transform");
        view.dispatchEvent(new WheelEvent("wheel", { deltaY: -300, bubbles: true, cancelable: true }));
        seen.push(scale());
        click(one("#out"));
        seen.push(scale());
        key(document.body, "0");
        seen.push(scale());
        const before = at(), id = { pointerId: 1, bubbles: true };
        view.setPointerCapture = () => {};
        view.dispatchEvent(new PointerEvent("pointerdown", { ...id, clientX: 10, clientY: 10, buttons: 1 }));
        view.dispatchEvent(new PointerEvent("pointermove", { ...id, clientX: 60, clientY: 40, buttons: 1 }));
        return { seen, panned: before !== at(), height: view.getBoundingClientRect().height };
    """,
    )
    first, wheel, button, whole = told["seen"]
    assert wheel > first
    assert button < wheel
    assert whole < first
    assert told["panned"]


def test_modules_fold_and_unfold(browse: Browse) -> None:
    told = browse(
        page(RESIDUAL),
        HELPERS
        + """
        const seen = [];
        click(one("#fold"));
        seen.push(texts(".box text:not(.small):not(.shape):not(.code)").filter((text) => text !== "+"));
        click(one(".box .fold"));
        seen.push(all(".box").length);
        click(one(".module-frame .fold"));
        seen.push(all(".box").length);
        click(one("#unfold"));
        seen.push(all(".box").length);
        return seen;
    """,
    )
    assert told == [["input", "Conv2d", "stage", "flatten", "Linear", "output"], 7, 6, 23]


def test_a_row_of_a_folded_module_unfolds_it(browse: Browse) -> None:
    told = browse(
        page(RESIDUAL),
        HELPERS
        + """
        click(one("#fold"));
        click(all("#table tbody tr").find((row) => row.textContent.includes("stage.2.norm")));
        return texts(".box.selected .small");
    """,
    )
    assert told == ["norm · 16 params"]


def test_the_keyboard_walks_through_the_drawing(browse: Browse) -> None:
    told = browse(
        page(RESIDUAL),
        HELPERS
        + """
        const view = one("#drawing svg"), seen = [];
        for (const name of ["ArrowDown", "ArrowDown", "ArrowUp"]) { key(view, name); seen.push(selected()[0]); }
        click(one("#fold"));
        key(view, "ArrowDown"); key(view, "ArrowDown");
        const folded = all(".box").length;
        key(view, "Enter");
        seen.push(folded, all(".box").length);
        key(view, "Escape");
        seen.push(selected().length);
        key(document.body, "/");
        seen.push(document.activeElement.id);
        return seen;
    """,
    )
    assert told == ["x", "stem", "x", 6, 7, 0, "search"]


def test_the_keyboard_walks_through_the_table(browse: Browse) -> None:
    told = browse(
        page(RESIDUAL),
        HELPERS
        + """
        const rows = all("#table tbody tr"), seen = [rows.filter((row) => row.tabIndex === 0).length];
        rows[0].focus();
        key(document.activeElement, "ArrowDown");
        key(document.activeElement, "ArrowDown");
        seen.push(selected()[0], document.activeElement === rows[2]);
        return seen;
    """,
    )
    assert told == [1, "stage.0.conv", True]


def test_findings_are_listed_and_lead_to_their_layer(browse: Browse) -> None:
    told = browse(
        page(WRONG),
        HELPERS
        + """
        const listed = texts("#findings strong");
        click(one("#findings .show"));
        return [listed, selected(), box("Linear").getAttribute("class"), texts("#details .finding strong")];
    """,
    )
    assert told == [
        ["✖ ARC104 linear-in-features-mismatch"], ["head"], "box layer dense error selected",
        ["✖ ARC104 linear-in-features-mismatch"],
    ]  # fmt: skip


def test_several_models_have_a_picker(browse: Browse) -> None:
    told = browse(
        page(RESIDUAL, WRONG),
        HELPERS
        + """
        const names = texts("#model option"), first = texts("#totals span")[1];
        one("#model").value = "1";
        one("#model").dispatchEvent(new Event("change"));
        return [names, first, texts("#totals span")[1], all("#findings .finding").length];
    """,
    )
    assert told == [["Net · net0.py", "Net · net1.py"], "net0.py:19", "net1.py:19", 1]


def test_hostile_names_are_text(browse: Browse) -> None:
    told = browse(
        page(HOSTILE),
        HELPERS
        + """
        return [texts("tbody td:nth-child(2)"), all("b").length, window.failed || ""];
    """,
    )
    assert told == [['a"b', '<b>[x] `z`\\ "q"</script>#1;é\U0001f600', "end"], 0, ""]


def test_a_page_places_as_the_svg_does(browse: Browse) -> None:
    picture = drawn(RESIDUAL)
    folds = [[], ["stage.0"], ["stage.1 … stage.3"], ["stage"], ["skip", "stage.2"]]
    closed = [sorted(group.number for group in picture.groups if group.label in labels) for labels in folds]
    told = browse(page(RESIDUAL), f"const folds = {closed};" + """
        const model = JSON.parse(document.getElementById("data").textContent).models[0];
        return folds.map((closed) => {
          const sheet = place(model.root, model.rows, model.looks, new Set(closed));
          const strokes = sheet.strokes.map((one) => [one.x, one.y, one.toX, one.toY]);
          return { boxes: Object.fromEntries(sheet.boxes), frames: Object.fromEntries(sheet.frames), strokes };
        });
    """)  # fmt: skip
    for numbers, there in zip(closed, told):
        here = place(picture.root, arrange(picture), sizes_of(picture), frozenset(numbers))
        for kind, places in (("boxes", here.boxes), ("frames", here.frames)):
            assert there[kind].keys() == {str(item) for item in places}
            assert all(there[kind][str(item)] == pytest.approx(at) for item, at in places.items())
        assert there["strokes"] == [pytest.approx([s.x, s.y, s.to_x, s.to_y]) for s in here.strokes]

"""All safe fixes of a page at once, tried out before they are offered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from archlint.server.analysis import Analysis
from archlint.server.options import options_for
from archlint.server.settings import Settings
from archlint.server.workbench import Before, Workbench, opened

if TYPE_CHECKING:
    from archlint.diagnostic import Report


def fixed_text(workbench: Workbench, analysis: Analysis, settings: Settings) -> tuple[str, int]:
    """The page's text after its safe fixes, and how many were applied; on the thread of the workbench."""
    from dataclasses import replace

    from archlint.check import check_project
    from archlint.diagnostic import Report as Found
    from archlint.fix import apply_fixes

    options, _ = options_for(analysis.page.path, analysis.folder, settings)
    kept = workbench.kept.get(analysis.page.uri, Before())

    def recheck(texts: Mapping[str, str]) -> Report:
        page = analysis.page.with_text(texts[analysis.path])
        project, *_ = opened(page, analysis.others, analysis.folder, Before(dict(kept.memo), kept.project))
        return check_project(project, options)

    own = [one for one in analysis.diagnostics if one.path == analysis.path]
    report = Found(diagnostics=own, texts=analysis.texts)
    fixed = apply_fixes({analysis.path: analysis.page.text}, replace(report), recheck, unsafe=False)
    return fixed.texts.get(analysis.path, analysis.page.text), len(fixed.applied)

"""Rules about the analysis itself."""

NOTHING_TO_RUN = {
    "ARC001": "a file that Python cannot read",
    "ARC004": "a comment that archlint cannot follow: its page shows what is lost",
    "ARC006": "a comment that archlint does not follow: its page shows which shape counts",
    "ARC007": "found by running: its page runs its examples",
    "ARC008": "found by running: its page runs its examples",
}

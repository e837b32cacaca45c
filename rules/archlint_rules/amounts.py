"""Numbers as people read them: `1,229,312`, `19.3 GiB`, `94.3 %`."""

from __future__ import annotations

from archlint.rule import Size, show

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def number(size: Size) -> str:
    """With thousands set apart: `1,229,312`; a symbolic size as it is."""
    return f"{size:,}" if isinstance(size, int) else show(size)


def amount(octets: int) -> str:
    """Bytes in the largest unit that leaves at least one: `400 MiB`, `19.3 GiB`."""
    value, unit = float(octets), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    digits = f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
    return f"{digits} {_UNITS[unit]}"


def percent(share: float) -> str:
    """`94.3 %`, and never `100.0 %` for less than all."""
    if 0 < share < 0.0005:
        return "less than 0.1 %"
    return f"{min(share * 100, 99.9) if share < 1 else 100:.1f} %"

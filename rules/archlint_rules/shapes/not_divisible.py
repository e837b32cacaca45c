"""ARC113: numbers that have to divide one another: groups and channels, heads and features."""

from __future__ import annotations

from collections.abc import Iterator

from archlint.rule import Fault, Finding, Model, Node, rule
from archlint_rules.shapes.calls import refused
from archlint_rules.wording import faults


@rule("ARC113", "not-divisible", severity="error", category="shapes")
def not_divisible(model: Model) -> Iterator[Finding]:
    """Divisors that leave a rest for every value of the symbols."""
    seen: set[int] = set()
    for node, fault in faults(model, "divide"):
        if node.id in seen:
            continue  # groups that divide neither the channels that come in nor those that go out
        seen.add(node.id)
        stated = f"{fault.arg}=" if fault.arg and node.args.get(fault.arg, fault.got) == fault.got else ""
        text = f"{stated}{fault.text}{rest(fault)}"
        yield refused(model, node, text, arg=fault.arg, way_out=way_out(node, fault))


def rest(fault: Fault) -> str:
    """`, 4 are left over`."""
    if not isinstance(fault.want, int) or not isinstance(fault.got, int) or fault.got < 1:
        return ""
    left = fault.want % fault.got
    return f", {left} {'is' if left == 1 else 'are'} left over"


def way_out(node: Node, fault: Fault) -> str:
    """The nearest numbers that fit: `96 or 104 can be divided by 8; 100 can be divided by 5 and 10`."""
    number, by = fault.want, fault.got
    if not isinstance(number, int) or not isinstance(by, int) or by < 1 or number < 1:
        return ""
    down = number // by * by
    fitting = " or ".join(str(n) for n in (down, down + by) if n > 0)
    text = f"{fitting} can be divided by {by}"
    if node.args.get(fault.arg, by) != by:
        return text  # a divisor that nobody wrote: the square of an upscale factor
    divisors = [d for d in range(2, number + 1) if number % d == 0]
    below, above = [d for d in divisors if d < by], [d for d in divisors if d > by]
    near = [str(d) for d in (*below[-1:], *above[:1])]
    return f"{text}; {number} can be divided by {' and '.join(near)}" if near else text

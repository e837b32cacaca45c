"""The modules of a model as nested groups.

A group is a run of applications without a gap in order of evaluation, so that the groups of one level are in a
topological order too: a module that is called again later is drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence

from archlint.drawing.picture import Group, Picture

FEWEST_ALIKE = 3
"""Equal modules in a row that are drawn as one when they are folded."""


def nest(picture: Picture, wanted: Sequence[tuple[str, ...]], classes: dict[str, str]) -> None:
    """Put the boxes of a picture into groups.  wanted: for each box the modules around it; classes: by path."""
    root = Group(len(picture.boxes), "", picture.model, classes.get("", ""), None)
    picture.groups = [root]
    open_groups: list[tuple[str, Group]] = []
    for box, home in zip(picture.boxes, wanted):
        kept = 0
        while kept < min(len(open_groups), len(home)) and open_groups[kept][0] == home[kept]:
            kept += 1
        del open_groups[kept:]
        for part in home[kept:]:
            parent = open_groups[-1][1] if open_groups else root
            path = ".".join([*(name for name, _ in open_groups), part])
            label = f"{parent.label}.{part}" if part.isdigit() and parent is not root else part
            new = Group(len(picture.boxes) + len(picture.groups), path, label, classes.get(path, ""), parent.number)
            picture.groups.append(new)
            parent.members.append(new.number)
            open_groups.append((part, new))
        holder = open_groups[-1][1] if open_groups else root
        holder.members.append(box.number)
        box.group = holder.number
    _simplify(picture, root.number)
    taken: dict[int, list[int]] = {}
    for edge in picture.edges:
        taken.setdefault(edge.target, []).append(edge.source)
    _join_alike(picture, root.number, taken)
    _renumber(picture)


def _simplify(picture: Picture, number: int) -> None:
    """No group around a single box, and none around a single group: `down` ⊃ `down.0` is `down.0`."""
    group = picture.group(number)
    members: list[int] = []
    for member in group.members:
        if member < picture.root:
            members.append(member)
            continue
        _simplify(picture, member)
        inner = picture.group(member)
        if len(inner.members) == 1:
            only = inner.members[0]
            if only < picture.root:
                picture.boxes[only].group = number
            else:
                below = picture.group(only)
                below.parent = number
                if not below.label.startswith(f"{inner.label}."):
                    below.label = f"{inner.label}.{below.label}"
            members.append(only)
        else:
            members.append(member)
    group.members = members


def _join_alike(picture: Picture, number: int, taken: dict[int, list[int]]) -> None:
    """`layer3.1` to `layer3.5`, which are built and connected alike, stand in a group of their own.

    taken: for each box the boxes whose outputs it takes.
    """
    group = picture.group(number)
    inner = [member for member in group.members if member >= picture.root]
    for member in inner:
        _join_alike(picture, member, taken)
    forms = {member: _form(picture, member, taken) for member in inner}
    members: list[int] = []
    at = 0
    while at < len(group.members):
        run = [group.members[at]]
        while at + len(run) < len(group.members) and forms.get(run[0], 0) == forms.get(group.members[at + len(run)], 1):
            run.append(group.members[at + len(run)])
        at += len(run)
        members += [_joined(picture, group, run)] if FEWEST_ALIKE <= len(run) < len(group.members) else run
        if len(run) == len(group.members) >= FEWEST_ALIKE:
            group.alike = len(run)
    group.members = members


def _joined(picture: Picture, group: Group, run: list[int]) -> int:
    first, last = picture.group(run[0]), picture.group(run[-1])
    label = f"{first.label} … {last.label}"
    new = Group(len(picture.boxes) + len(picture.groups), first.path, label, first.class_name, group.number, run)
    new.alike = len(run)
    picture.groups.append(new)
    for member in run:
        picture.group(member).parent = new.number
    return new.number


def _form(picture: Picture, number: int, taken: dict[int, list[int]]) -> object:
    """What makes two modules alike to a reader: the same layers in the same order with the same numbers."""
    boxes = list(picture.inside(number))
    inner = {box.number for box in boxes}
    return tuple(
        (
            (box.op_name, box.params, box.shape, box.arguments),
            tuple(box.number - source for source in taken.get(box.number, ()) if source in inner),
        )
        for box in boxes
    )


def _renumber(picture: Picture) -> None:
    """Number the groups that are left in the order in which they are met, and name boxes within them."""
    kept: list[Group] = []
    numbers: dict[int, int] = {}

    def walk(number: int) -> None:
        group = picture.group(number)
        numbers[number] = picture.root + len(kept)
        kept.append(group)
        for member in group.members:
            if member >= picture.root:
                walk(member)

    walk(picture.root)
    for group in kept:
        group.number = numbers[group.number]
        group.parent = None if group.parent is None else numbers[group.parent]
        group.members = [numbers.get(member, member) for member in group.members]
    picture.groups = kept
    for box in picture.boxes:
        box.group = numbers[box.group]
        around = picture.group(box.group).path
        plain = box.path.replace("/", ".")
        box.label = plain[len(around) + 1 :] if around and plain.startswith(f"{around}.") else box.path

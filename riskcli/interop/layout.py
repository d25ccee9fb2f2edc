"""Where the parts of a decision model are drawn: what is read stands below what reads it. Decides nothing."""

from __future__ import annotations

from riskcli.interop.known import Model

Place = tuple[int, int, int, int]
"""Left, top, width and height."""

_WIDTH, _HEIGHT = 200, 40
_BESIDE, _BETWEEN = 20, 60


def places(model: Model) -> dict[str, Place]:
    """Return the place of every input and decision.

    Example:
        >>> from riskcli.interop.decisions import Column, Decision, Input, Names, Rule
        >>> grade = Decision("level", "Level", (), (Rule("a", {Column("grade"): ("1",)}, ()),))
        >>> model = Model(Names([]), {}, {"grade": Input("grade", "string", ())}, [grade])
        >>> places(model)
        {'grade': (0, 100, 200, 40), 'level': (0, 0, 200, 40)}
    """
    depth = dict.fromkeys(model.inputs, 0)
    for decision in model.decisions:
        depth[decision.name] = 1 + max((depth[name] for name in decision.reads), default=0)
    deepest = max(depth.values(), default=0)
    count = [0] * (deepest + 1)
    found = {}
    for name, row in depth.items():
        left, top = count[row] * (_WIDTH + _BESIDE), (deepest - row) * (_HEIGHT + _BETWEEN)
        found[name] = (left, top, _WIDTH, _HEIGHT)
        count[row] += 1
    return found


def arrow(start: Place, end: Place) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the ends of an arrow from what is read, at its top, to what reads it, at its foot.

    Example:
        >>> arrow((0, 100, 200, 40), (220, 0, 200, 40))
        ((100, 100), (320, 40))
    """
    return (start[0] + start[2] // 2, start[1]), (end[0] + end[2] // 2, end[1] + end[3])

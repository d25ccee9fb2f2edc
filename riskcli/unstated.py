"""What a record leaves unsaid: tests not made, what depends on another finding, assumptions and premises."""

from __future__ import annotations

from riskcli.cells import Box
from riskcli.compiled import Compiled, Data, MaskPairs
from riskcli.facts import Draft, in_words
from riskcli.scope import possible
from riskcli.words import say


class Unstated:
    """Fills in, for one table, what its rules say about findings that a record does not state."""

    def __init__(self, table: Compiled) -> None:
        """Look at the fields that are optional, that depend on others or that are assumed."""
        self.table = table
        cells = table.space.cells
        self._optional = [(item.field, i, item.not_done) for i, item in enumerate(cells) if item.not_done]
        self._dependent = [(name, table.index[name], pairs) for name, pairs in table.boxes["only_if"].items()]
        self._assume = [
            (name, table.index[name], list(zip(choices, table.table["fields"][name]["assume"], strict=True)))
            for name, choices in table.boxes["assume"].items()
        ]
        self.premises: Data = {
            name: {"field": name, "value": premise["value"], "why": premise["why"]}
            for name, premise in table.common["premises"].items()
            if name not in table.index
        }

    def take_as_not_done(self, draft: Draft) -> None:
        """Answer optional tests that are not stated as not done; not one that a stated finding needs."""
        made = self._parents(draft)
        for name, place, not_done in self._optional:
            if name not in draft.readings and place not in made:
                draft.masks[place] = not_done
            if draft.masks[place] == not_done:
                draft.absent.append(place)

    def hold_against_parents(self, draft: Draft) -> None:
        """Leave out a stated value whose parent rules it out; warn where the parent is not stated."""
        for name, place, pairs in self._dependent:
            if not self._is_made(draft, name, place):
                continue
            cells = self.table.space.cells[place]
            for parent, mask in pairs:
                excluded = not draft.masks[parent] & mask
                if not draft.silent:
                    self._warn_of_parent(draft, name, parent, mask)
                if excluded:
                    draft.masks[place] = cells.not_done or cells.full
                    draft.unused.add(name)
                    break

    def _warn_of_parent(self, draft: Draft, name: str, parent: int, mask: int) -> None:
        """Warn of a stated value whose parent rules it out or is not stated."""
        above = self.table.space.cells[parent]
        says = {"field": name, "parent": above.field, "wanted": in_words(above.describe(mask))}
        if not draft.masks[parent] & mask:
            draft.warn_quoting(say("case.parent_excludes", given=draft.worded(above.field), **says))
        elif not draft.states(above.field):
            draft.warnings.append(say("case.parent_open", **says))

    def _parents(self, draft: Draft) -> set[int]:
        """Return the fields that a stated dependent value shows to have been looked at."""
        return {
            parent
            for name, place, pairs in self._dependent
            if self._is_made(draft, name, place)
            for parent, _ in pairs
        }

    def _is_made(self, draft: Draft, name: str, place: int) -> bool:
        """Say whether a field has a stated value, and the test was made."""
        return draft.states(name) and draft.masks[place] != self.table.space.cells[place].not_done

    def assume(self, draft: Draft) -> None:
        """Take what a report conventionally leaves out, where the table says so.

        A condition must hold for everything the stated facts allow. What the facts exclude is not assumed,
        and a stated dependent value says that its parent was looked at.
        """
        stated = tuple(draft.masks)
        draft.before = stated, tuple(draft.absent)
        if not self._assume:
            return
        made = self._parents(draft)
        for name, place, choices in self._assume:
            if name in draft.readings or place in made:
                continue
            for choice, spec in choices:
                cells = self.table.space.cells[place]
                mask = choice["mask"] & (cells.full if place in draft.absent else stated[place])
                if mask and self._holds(choice["when"], stated):
                    draft.masks[place] = mask
                    draft.absent = [other for other in draft.absent if other != place]
                    draft.assumed.append({"field": name, "value": spec["value"], "why": spec["why"]})
                    break

    def withdraw(self, draft: Draft) -> None:
        """Take back each assumption that cannot be true together with what is stated and those before it."""
        masks, absent = list(draft.before[0]), draft.before[1]
        if not possible(self.table, [tuple(masks)]):
            return  # what is stated contradicts itself, whatever is assumed
        kept = []
        for item in draft.assumed:
            place = self.table.index[item["field"]]
            with_it = [*masks[:place], draft.masks[place], *masks[place + 1 :]]
            if possible(self.table, [tuple(with_it)]):
                masks = with_it
                kept.append(item)
            elif place in absent:
                draft.absent.append(place)
        draft.masks, draft.assumed = masks, kept

    def _holds(self, pairs: MaskPairs, box: Box) -> bool:
        """Say whether a condition holds for every possible case of a box, of which there is one."""
        excluded = False
        for place, mask in pairs:
            outside = box[place] & ~mask
            if outside and possible(self.table, [(*box[:place], outside, *box[place + 1 :])]):
                return False
            excluded |= bool(outside)
        return not excluded or possible(self.table, [box])

    def open_premises(self, draft: Draft) -> list[Data]:
        """Return the premises of the scope gate that the record leaves open."""
        return [premise for premise in self.premises.values() if self._is_open(draft, premise)]

    @staticmethod
    def _is_open(draft: Draft, premise: Data) -> bool:
        """Say whether a gate field is not stated, or its premise is one of several values."""
        reading = draft.readings.get(premise["field"])
        if reading is None or reading.entry is None:
            return True
        return len(reading.entry.words) > 1 and premise["value"] in reading.entry.words

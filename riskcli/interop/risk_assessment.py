"""An answer as a RiskAssessment of FHIR R4, with the words of the reports. Decides nothing. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from riskcli.assessment import Assessment, OptionAnswer
from riskcli.case import REF
from riskcli.errors import CaseError, Problem
from riskcli.interop.fhir_out_codes import FhirOut, Unit, fhir_out_codes
from riskcli.interop.readings import Found, Reading
from riskcli.report.blocks import Block, Words
from riskcli.report.outline import outline
from riskcli.report.sections import escaped
from riskcli.report.terminal import clean
from riskcli.report.wording import Wording
from riskcli.words import say

Resource = dict[str, Any]

SUBJECT, CONDITION = "subject", "condition"
"""What the context of a reading refers to."""
LONGEST = 1_048_576
"""The most characters that FHIR allows in a string."""
_URN = "urn:"
_XHTML = "http://www.w3.org/1999/xhtml"
_NOT_IN_FHIR = re.compile(r"[^\S \t\r\n]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""The characters that FHIR does not allow in a string: those of control, and odd spaces."""
_CONTAINED = "#"
"""How a reference begins that holds inside another resource only."""


def risk_assessment(
    answer: Assessment,
    words: Words,
    today: date,
    reading: Reading | None = None,
    declared: Sequence[str] = (),
) -> Resource:
    """Return an answer as a RiskAssessment.

    `words` are those of the report (`report_words`), `reading` is where the case was read from, and
    `declared` what was assumed for a whole cohort.

    Raises:
        CaseError: the case has a reference that is too long for FHIR.
    Example:
        >>> import riskcli
        >>> from riskcli.loader import load_rules
        >>> from riskcli.report.blocks import report_words
        >>> answer = riskcli.assess({"cancer": "other_solid", "ref": "A 7"})
        >>> made = risk_assessment(answer, report_words(load_rules().get("other_solid")), date(2026, 11, 25))
        >>> made["resourceType"], made["subject"], made["occurrenceDateTime"]
        ('RiskAssessment', {'identifier': {'value': 'A 7'}}, '2026-11-25')
    """
    return _Writer(answer, words, reading, tuple(declared), fhir_out_codes()).resource(today)


@dataclass(frozen=True)
class _Writer:
    """One answer, the words and the codes for it."""

    answer: Assessment
    words: Words
    reading: Reading | None
    declared: Sequence[str]
    codes: FhirOut

    def resource(self, today: date) -> Resource:
        """Return the whole resource, its elements in the order in which FHIR defines them."""
        basis = list(self._basis())
        return {
            "resourceType": "RiskAssessment",
            "text": self._narrative(),
            "status": "final",
            "method": self._method(),
            "code": {
                "coding": [self.codes.assessment.model_dump()],
                "text": self.codes.assessment.display,
            },
            "subject": self._subject(),
            "occurrenceDateTime": today.isoformat(),
            "condition": self._condition(),
            "performer": {"display": say("fhir_out.program", version=self.answer.riskcli)},
            **({"basis": basis} if basis else {}),
            "prediction": [self._prediction()],
            "mitigation": _text(self._mitigation()),
            "note": [{"text": text} for text in self._notes()],
        }

    # ---- what was assessed, and by what

    def _method(self) -> Resource:
        """The rule table, and the digest of the rules."""
        origin = self.answer.provenance
        table = {
            "system": self.codes.tables,
            "version": origin.edition,
            "code": origin.table,
            "display": _text(self.answer.title),
        }
        text = say(
            "fhir_out.method",
            title=self._title(),
            version=self.answer.riskcli,
            table=origin.table,
            edition=origin.edition,
            status=origin.status,
            digest=origin.sha256,
        )
        digest = {"system": self.codes.digests, "code": origin.sha256}
        return {"coding": [table, digest], "text": _text(text)}

    def _title(self) -> str:
        """What the table is called, its file first where it is a local one."""
        origin = self.answer.provenance.origin
        return (
            self.answer.title
            if origin == "packaged"
            else f"{self.words['local']} {origin}: {self.answer.title}"
        )

    def _subject(self) -> Resource:
        """Whom the answer is about: as the reading refers to them, or by the case's own reference."""
        found = self._context(SUBJECT)
        if found and found.startswith(_URN):  # it holds inside the bundle only; the patient's own id holds on
            found = next((item.source for item in self._found() if _is_patient(item)), found)
        if found:
            return {"reference": found}
        ref = _ref_text(self.answer.ref)
        return {"identifier": {"value": ref}} if ref else {"display": say("fhir_out.subject")}

    def _context(self, key: str) -> str | None:
        """What the reading refers to, unless that can be found inside another resource only."""
        found = self.reading.context.get(key) if self.reading else None
        return _outside(found)

    def _found(self) -> Sequence[Found]:
        """What was read."""
        return self.reading.found if self.reading else ()

    def _condition(self) -> Resource:
        """The cancer: as the reading refers to it, and in words."""
        found = self._context(CONDITION)
        return {**({"reference": found} if found else {}), "display": _text(self.answer.title)}

    def _basis(self) -> Iterator[Resource]:
        """The findings that were used, each once: the resource they stood in, or in words alone."""
        shown = Wording(self.words).shown
        sources = self._sources()
        told: dict[str, list[str]] = {}
        for name, value in self.answer.case.items():
            told.setdefault(sources.get(name, name), []).append(shown(name, value))
        resources = {*sources.values()}
        for source, findings in told.items():
            display = {"display": _text("; ".join(findings))}
            yield {"reference": source, **display} if source in resources else display

    def _sources(self) -> dict[str, str]:
        """Return the resource of each field that was read from one."""
        return {item.field: source for item in self._found() if (source := _outside(item.reference))}

    # ---- the level

    def _prediction(self) -> Resource:
        """The level with its band, or the band of all levels still possible."""
        likelihood = self.answer.likelihood
        years = likelihood.horizon_years
        low, high = self.words["edges"][likelihood.lowest][0], self.words["edges"][likelihood.highest][1]
        return {
            "outcome": {
                "coding": [code.model_dump() for code in self.codes.outcome],
                "text": say("fhir_out.outcome", years=years),
            },
            "probabilityRange": _range(low, high, self.codes.percent.code, self.codes.percent),
            **({"qualitativeRisk": self._level(likelihood.level)} if likelihood.level else {}),
            "whenRange": _range(0, years, say("fhir_out.years"), self.codes.year),
            "rationale": _text(self._rationale()),
        }

    def _level(self, level: Any) -> Resource:
        """A level, by its own code first, then as others call it."""
        likelihood = self.answer.likelihood
        word = self.words["level_words"][level]
        own = {"system": self.codes.own_levels, "code": level, "display": word}
        others = [code.model_dump() for code in self.codes.levels[level]]
        text = say("fhir_out.level", level=word, band=likelihood.band)
        return {"coding": [own, *others], "text": text}

    def _rationale(self) -> str:
        """The rows that decided, or may, by their ids and in words."""
        rows = [f"{reason.rule}: {reason.why}" for reason in self.answer.reasons]
        return f"; {self.words['or']} ".join(rows)

    # ---- what is to be said beside it

    def _mitigation(self) -> str:
        """The options, to discuss."""
        words, options = self.words, self.answer.options
        parts = [f"{self._heading('options')}, {words['options_heading']}."]
        for status in ("matches", "depends"):
            names = [self._option(option) for option in options if option.status == status]
            parts += [f"{self._heading(status)}: {'; '.join(names)}."] if names else []
        parts += [] if options else [f"{words['no_options'].capitalize()}."]
        return " ".join([*parts, say("fhir_out.no_plan")])

    def _option(self, option: OptionAnswer) -> str:
        """An option, with what it depends on."""
        called = Wording(self.words).called
        needs = ", ".join(map(called, option.depends_on))
        return f"{option.name} [{self.words['on']} {needs}]" if needs else option.name

    def _notes(self) -> Iterator[str]:
        """Everything that a reader has to know, in Markdown, as FHIR has it."""
        words, likelihood = self.words, self.answer.likelihood
        if self.answer.provenance.status == "draft":
            yield escaped(words["draft_means"])
        if self.answer.provenance.origin != "packaged":
            yield escaped(self._title())
        if self.declared:
            yield escaped(say("fhir_out.declared", values=", ".join(self.declared)))
        yield from self._parts(outline(self.answer, words, full=True))
        if likelihood.level is None:
            yield escaped(say("fhir_out.range", levels=likelihood.words))
        elif likelihood.level in self.codes.wider:
            yield escaped(self.codes.wider[likelihood.level])
        yield escaped(say("fhir_out.when"))
        yield escaped(words["treatment_lowers"])
        yield escaped(self.answer.uncertainty)
        for note in self.reading.notes if self.reading else ():
            yield escaped(say("fhir_out.read", note=note))

    def _parts(self, blocks: Iterable[Block]) -> Iterator[str]:
        """Parts of the report, each as one note: a heading, and a list where there are several lines."""
        wanted = {self.words[name]: name for name in self.codes.notes}
        for block in blocks:
            if block.label in wanted:
                lines = [escaped(line.text.removeprefix("- ")) for line in block.lines]
                told = f" {lines[0]}" if len(lines) == 1 else "".join(f"\n- {line}" for line in lines)
                yield f"{escaped(self._heading(wanted[block.label]))}:{told}"

    def _heading(self, label: str) -> str:
        """What a part of the report is called where there is room."""
        return str(self.words["page"]["headings"].get(label, self.words[label]))

    def _narrative(self) -> Resource:
        """The short report, for systems that show the text of a resource."""
        more = self.words["more"]
        shown = []
        for block in outline(self.answer, self.words):
            lines = [line.text for line in block.lines if line.role != "bar" and line.text != more]
            label = f"{block.label.strip()}: " if block.label.strip() else ""
            shown += [f"<p>{'<br/>'.join(map(_xml, [label + lines[0], *lines[1:]]))}</p>"] if lines else []
        return {"status": "generated", "div": f'<div xmlns="{_XHTML}">{"".join(shown)}</div>'}


def _range(low: float, high: float, unit: str, code: Unit) -> Resource:
    """Return a range of quantities."""
    return {
        name: {"value": value, "unit": unit, **code.model_dump()}
        for name, value in (("low", low), ("high", high))
    }


def _outside(reference: str | None) -> str | None:
    """Return a reference that holds outside of the resource in which it stood."""
    found = _text(reference or "")
    return None if not found or found.startswith(_CONTAINED) else found


def _is_patient(item: Found) -> bool:
    """Say whether what was read is the id of a patient."""
    return item.field == REF and item.source == f"Patient/{item.value}"


def _ref_text(ref: Any) -> str:
    """Return the case's own reference as text.

    Raises:
        CaseError: it is longer than FHIR allows.
    """
    if ref is None:
        return ""
    text = ref if isinstance(ref, str) else json.dumps(ref, ensure_ascii=False, default=str)
    if len(text) > LONGEST:
        raise CaseError([Problem(REF, None, say("fhir_out.long_ref", most=f"{LONGEST:,}"))])
    return _NOT_IN_FHIR.sub(" ", text).strip()


def _text(text: str) -> str:
    """Return text as FHIR allows it: no control characters, and nothing around it."""
    return clean(text).strip()


def _xml(text: str) -> str:
    """Return text for XHTML."""
    return escape(clean(text))

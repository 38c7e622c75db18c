"""Compares what a template grants with what tests used, and with AWS's own list of actions.

    python -m akashi_localstack.iam.report [folder of records ...]

A grant is one action on one resource in one statement. It has to be used by some call of some test,
and known to AWS's service authorization reference, or `infra/iam-exceptions.yaml` has to say why
not. An exception that nothing needs any more is a finding, too. The exit code is 1 where there are
findings.

What statements deny is not looked for here: each has its cases in `tests/iam/test_our_policies.py`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from akashi_localstack import settings
from akashi_localstack.iam import reference, template
from akashi_localstack.iam.policy import read
from akashi_localstack.iam.records import Record, read_all

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = ROOT / "infra" / "template.yaml"
EXCEPTIONS = ROOT / "infra" / "iam-exceptions.yaml"
JOINED = ROOT / ".local" / "iam"
"""Where `make test` has all its worlds write."""

UNUSED, SOMETIMES, UNKNOWN = "unused", "sometimes", "unknown"
"""Kinds of exceptions: no test uses it; a test does when its timing is so; AWS does not know it."""

LOGICAL_ID_MAX = 24
"""What LocalStack leaves of a logical id in a name that it makes."""

ANYTHING = ".+"
# What differs from stack to stack, as an expression; nothing else in a name is one.
WILD = {name: "\ue010" for name in template.PSEUDO}


@dataclass(frozen=True, order=True)
class Granted:
    """One action on one resource in one statement."""

    place: str
    """Logical id of what holds the policy."""
    statement: str
    action: str
    resource: str
    position: int

    def __str__(self) -> str:
        name = f" {self.statement}" if self.statement else ""
        return f"{self.place}{name}: {self.action} on {self.resource}"


@dataclass(frozen=True)
class Exempt:
    """One entry of the file of exceptions."""

    kind: str
    """`unused`, `sometimes` or `unknown`."""
    policy: str
    statement: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str

    def covers(self, granted: Granted) -> bool:
        """Whether the entry is about a grant; without actions or resources it is about all."""
        return (
            self.policy == granted.place
            and self.statement == granted.statement
            and (not self.actions or granted.action in self.actions)
            and (not self.resources or any(each in granted.resource for each in self.resources))
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.policy} {self.statement} {', '.join(self.actions)}".rstrip()


@dataclass(frozen=True)
class Report:
    """What there is to say."""

    granted: tuple[Granted, ...]
    used: frozenset[Granted]
    unused: tuple[Granted, ...]
    unknown: tuple[Granted, ...]
    idle: tuple[Exempt, ...]
    """Exceptions that nothing needs."""
    denied: tuple[Record, ...]
    """Calls of roles and services that no policy allowed. Tests may want them."""

    @property
    def findings(self) -> int:
        """How many grants or exceptions have to be looked at."""
        return len(self.unused) + len(self.unknown) + len(self.idle)


def main() -> int:
    """Prints the report; returns the exit code."""
    import yaml

    folders = [Path(each) for each in sys.argv[1:]]
    if not folders:
        folders = [JOINED if JOINED.is_dir() else settings.load().iam_records]
    records = read_all(folders)
    if not records:
        print(f"iam: nothing was recorded in {', '.join(map(str, folders))}: run the tests first")
        return 1
    source = template.load(TEMPLATE)
    names = template.load(TEMPLATE, WILD)
    exceptions = exempt(yaml.safe_load(EXCEPTIONS.read_text(encoding="utf-8")) or {})
    report = compare(source, names, records, exceptions)
    print("\n".join(lines(report, records)))
    return 1 if report.findings else 0


def compare(
    source: template.Template,
    names: template.Template,
    records: Iterable[Record],
    exceptions: Sequence[Exempt],
) -> Report:
    """Compares; `names` is the same template with marks for what differs from stack to stack."""
    recorded = list(records)
    granted, used = [], set()
    expressions = {each.place + each.name: _expression(each.name) for each in names.policies()}
    marked = list(names.policies())
    for policy, mark in zip(source.policies(), marked, strict=True):
        found = list(grants(policy))
        granted += found
        used |= set(_used(found, expressions[mark.place + mark.name], recorded))
    unused = [each for each in granted if each not in used]
    unknown = [each for each in granted if not _is_known(each, granted)]
    return Report(
        tuple(granted),
        frozenset(used),
        tuple(_left(unused, exceptions, UNUSED, SOMETIMES)),
        tuple(_left(unknown, exceptions, UNKNOWN)),
        # What a test meets sometimes is there to be met: such an entry has only to be of a grant.
        tuple(_idle(exceptions, {UNUSED: unused, UNKNOWN: unknown, SOMETIMES: granted})),
        tuple(r for r in recorded if not r.allowed and r.principal.startswith(("role", "serv"))),
    )


def grants(policy: template.TemplatePolicy) -> Iterator[Granted]:
    """What a policy allows."""
    for statement in read(policy.name, policy.text).statements:
        if statement.effect == "Allow":
            resources = statement.resources or ("the role",)
            no = "anything but " if statement.is_not_resource else ""
            for action in statement.actions:
                for position, resource in enumerate(resources):
                    shown = f"{no}{resource}"
                    yield Granted(policy.place, statement.sid, action, shown, position)


def exempt(given: Mapping[str, Any]) -> list[Exempt]:
    """Reads the file of exceptions.

    Raises:
        ValueError: an entry lacks its reason or has what is not known here.
    """
    found = []
    for kind, entries in given.items():
        if kind not in (UNUSED, SOMETIMES, UNKNOWN):
            raise ValueError(f"{EXCEPTIONS.name}: {kind} is not unused, sometimes or unknown")
        for entry in entries or []:
            known = {"policy", "statement", "actions", "resources", "reason"}
            if not set(entry) <= known or not entry.get("reason") or "policy" not in entry:
                raise ValueError(f"{EXCEPTIONS.name}: not policy, statement, reason: {entry}")
            actions, resources = entry.get("actions", []), entry.get("resources", [])
            found.append(
                Exempt(
                    kind,
                    entry["policy"],
                    entry.get("statement", ""),
                    tuple(actions),
                    tuple(resources),
                    entry["reason"],
                )
            )
    return found


def lines(report: Report, records: Sequence[Record]) -> Iterator[str]:
    """The report for a person to read."""
    by_place: dict[str, list[Granted]] = {}
    for each in report.granted:
        by_place.setdefault(each.place, []).append(each)
    for place, found in by_place.items():
        used = sum(each in report.used for each in found)
        yield f"iam: {place}: {used} of {len(found)} grants used"
    for record in report.denied:
        yield f"iam: denied: {record.principal}: {record.action} on {record.resource}"
    for each in report.unused:
        yield f"iam: NOT USED: {each}"
    for each in report.unknown:
        yield f"iam: NOT KNOWN TO AWS: {each}"
    for entry in report.idle:
        yield f"iam: EXCEPTION THAT NOTHING NEEDS: {entry}"
    excused = sum(each not in report.used for each in report.granted) - len(report.unused)
    yield (
        f"iam: {len(report.used)} of {len(report.granted)} grants used, {excused} excused,"
        f" {report.findings} findings, from {len(records)} records"
    )


def _used(found: Sequence[Granted], name: str, records: Iterable[Record]) -> Iterator[Granted]:
    for record in records:
        if not record.allowed:
            continue
        for grant in record.grants:
            if not re.fullmatch(name, grant.policy):
                continue
            for each in found:
                same = (each.action, each.position) == (grant.action, grant.resource)
                if same and _is_statement(each, grant.sid):
                    yield each


def _is_statement(granted: Granted, sid: str) -> bool:
    # CloudFormation makes a permission's id of the stack, the logical id and something random.
    made = f"-{granted.statement[:LOGICAL_ID_MAX]}-"
    return sid == granted.statement or made in sid


def _is_known(granted: Granted, all_granted: Sequence[Granted]) -> bool:
    actions = reference.actions_of(granted.action)
    if not actions:
        return False
    if granted.resource == "the role" or granted.resource.startswith("anything but "):
        return True
    if any(reference.takes(action, granted.resource) for action in actions):
        return True
    # A statement may list actions and resources that belong to each other by twos.
    alike = [
        each
        for each in all_granted
        if (each.place, each.statement) == (granted.place, granted.statement)
    ]
    others = {each.resource for each in alike if each.action == granted.action}
    takes_another = any(reference.takes(action, each) for action in actions for each in others)
    is_taken = any(
        reference.takes(action, granted.resource)
        for each in alike
        if each.resource == granted.resource
        for action in reference.actions_of(each.action)
    )
    return takes_another and is_taken


def _left(found: Iterable[Granted], exceptions: Sequence[Exempt], *kinds: str) -> Iterator[Granted]:
    for each in found:
        if not any(entry.kind in kinds and entry.covers(each) for entry in exceptions):
            yield each


def _idle(exceptions: Sequence[Exempt], found: Mapping[str, Sequence[Granted]]) -> Iterator[Exempt]:
    for entry in exceptions:
        if not any(entry.covers(each) for each in found[entry.kind]):
            yield entry


def _expression(name: str) -> str:
    return ANYTHING.join(re.escape(piece) for piece in name.split("\ue010"))


if __name__ == "__main__":
    sys.exit(main())

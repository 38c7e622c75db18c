"""SES v1: LocalStack's provider and what it lacks for receipt rules."""

from __future__ import annotations

from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext, handler
from localstack.services.moto import MotoFallbackDispatcher
from localstack.services.plugins import Service, aws_provider
from localstack.services.ses.provider import SesProvider

from akashi_localstack.ses.store import LOCK, moto_backend


@aws_provider(api="ses", name="akashi")
def ses() -> Service:
    """The plugin that LocalStack loads under `PROVIDER_OVERRIDE_SES=akashi`."""
    return Service.for_provider(_Ses(), dispatch_table_factory=MotoFallbackDispatcher)


class _Ses(SesProvider):
    @handler("DeleteReceiptRule")
    def delete_receipt_rule(
        self, context: RequestContext, rule_set_name: str, rule_name: str, **_: Any
    ) -> dict[str, Any]:
        with LOCK:
            rules = _rules(context, rule_set_name)
            rules[:] = [rule for rule in rules if rule["Name"] != rule_name]
        return {}

    @handler("SetReceiptRulePosition")
    def set_receipt_rule_position(
        self,
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

"""What SES v2 stores for one account and region, beside what moto stores for both SES versions.

Identities and configuration sets are moto's, so that SES v1 and v2 see the same ones. Event
destinations, suppression and the options that moto forgets are kept here.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]

LOCK = threading.RLock()
"""Guards every store and moto's SES backends: moto does not expect several threads."""


@dataclass
class Suppressed:
    """An address on the account's suppression list."""

    address: str
    reason: str
    updated_at: datetime


@dataclass
class Store:
    """One account's SES in one region."""

    event_destinations: dict[str, dict[str, Json]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    """By configuration set, then by name."""
    suppressed: dict[str, Suppressed] = field(default_factory=dict)
    suppressed_reasons: list[str] = field(default_factory=lambda: ["BOUNCE", "COMPLAINT"])
    """The account's setting; this is the default of accounts made since November 2019."""
    identity_options: dict[str, Json] = field(default_factory=lambda: defaultdict(dict))
    sending_enabled: bool = True


_stores: dict[tuple[str, str], Store] = defaultdict(Store)


def store(account: str, region: str) -> Store:
    """The store of this account and region, made at first use. Hold `LOCK`."""
    return _stores[account, region]


def moto_backend(account: str, region: str) -> Any:
    """moto's SES backend of this account and region. Hold `LOCK`."""
    from moto.ses import ses_backends

    return ses_backends[account][region]

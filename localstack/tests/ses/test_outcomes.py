"""Which address makes what happen."""

from __future__ import annotations

import pytest

from akashi_localstack.ses import outcomes

SIMULATOR = "simulator.amazonses.com"


@pytest.mark.parametrize(
    ("address", "kinds"),
    [
        (f"success@{SIMULATOR}", ["delivery"]),
        (f"SUCCESS+label@{SIMULATOR.upper()}", ["delivery"]),
        (f"bounce+1@{SIMULATOR}", ["bounce"]),
        (f"ooto@{SIMULATOR}", ["delivery", "vacation", "bounce"]),
        (f"complaint@{SIMULATOR}", ["delivery", "complaint"]),
        (f"suppressionlist@{SIMULATOR}", ["bounce"]),
        (f"no-such-scenario@{SIMULATOR}", ["bounce"]),
        ("anybody@example.com", ["delivery"]),
        ("silent+x@example.com", ["delivery"]),
        ("silent@x.test", ["delivery"]),
        ("silent+x@x.test", []),
        ("bounce+x@x.test", ["bounce"]),
        ("transient-bounce+x@x.test", ["bounce"]),
        ("delay+x@x.test", ["delay", "delivery"]),
        ("expire+x@x.test", ["delay", "bounce"]),
        ("late-bounce+x@x.test", ["delivery", "bounce"]),
        ("complaint+x@x.test", ["delivery", "complaint"]),
        ("reject+x@x.test", []),
        ("taro+label@x.test", ["delivery"]),
        ("a@nx.x.test", ["bounce"]),
        ("a@nomx.x.test", ["bounce"]),
        ("a@nxt.x.test", ["delivery"]),
    ],
)
def test_an_address_decides_what_happens(address: str, kinds: list[str]) -> None:
    assert [step.kind for step in outcomes.outcome(address).steps] == kinds


def test_repeated_events_come_ten_times() -> None:
    assert outcomes.outcome("repeat+x@x.test").repeat == 10
    assert outcomes.outcome("x@x.test").repeat == 1


def test_a_domain_without_mail_server_bounces_as_ses_says_it() -> None:
    (step,) = outcomes.outcome("a@nx.x.test").steps
    assert step.failure is not None
    # Transient, though the status is permanent: NOEX has to be told by the status.
    assert (step.failure.type, step.failure.status) == ("Transient", "5.4.4")


def test_simulated_addresses_never_come_onto_a_suppression_list() -> None:
    assert outcomes.outcome(f"bounce@{SIMULATOR}").simulated
    assert not outcomes.outcome("bounce+x@x.test").simulated

"""IAM as AWS decides it: who may do what to which resource, under which conditions.

    policy, conditions, evaluator   pure: documents in, decisions out
    actions, implied                which actions, resources and condition keys a call stands for
    callers, documents              who calls, and which policies are there, read from LocalStack
    enforcement                     decides each call at the gateway, before its service sees it
    records, report                 what was used, and what of the template's grants was not

Written by hand because nothing fits (looked at on 2026-11-28): `moto.iam.access_control`, which is
here already, ignores resources and most conditions and knows no resource policies, as its own first
lines say; PyPI has linters (policy-sentry, parliament, iam-policy-validator) and callers of AWS's
simulator, but no evaluator. What AWS documents stands beside each rule.

`IAM guide:` stands for https://docs.aws.amazon.com/IAM/latest/UserGuide/, whose names are long.
"""

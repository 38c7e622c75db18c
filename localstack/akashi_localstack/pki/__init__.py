"""A certification authority and two timestamp authorities, in a process of their own.

It runs in an environment without LocalStack (`.local/pki`), because certomancer needs a newer
cryptography library than LocalStack works with. Nothing in here may import LocalStack.
"""

"""LocalStack's own KMS, but that a key is read once (of LocalStack 4.9.2).

LocalStack reads a private key from its DER form for each signature, and reading one checks it: for
RSA that takes a hundred times as long as signing does.
"""

from __future__ import annotations

import functools
from typing import Any

from localstack.services.plugins import Service, aws_provider

KEYS_MAX = 20
"""The ones that were not used for longest are read again."""


@aws_provider(api="kms", name="akashi")
def kms() -> Service:
    """The plugin that LocalStack loads under `PROVIDER_OVERRIDE_KMS=akashi`."""
    from localstack.services.kms.provider import KmsProvider

    _read_once()
    return Service.for_provider(KmsProvider())


def _read_once() -> None:
    from cryptography.hazmat.primitives.serialization import load_der_private_key
    from localstack.services.kms.models import KmsCryptoKey

    @functools.lru_cache(KEYS_MAX)
    def read(private_key: bytes) -> Any:
        return load_der_private_key(private_key, password=None)

    KmsCryptoKey.key = property(lambda self: read(self.private_key))

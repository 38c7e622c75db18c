#!/usr/bin/env python3
"""A function that writes the event it gets into its log, one line each."""

import os
import urllib.request

BASE = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"

while True:
    with urllib.request.urlopen(f"{BASE}/next") as invocation:
        request_id = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
        print("EVENT " + invocation.read().decode(), flush=True)
    answer = os.environ.get("ANSWER", "{}").encode()
    address = f"{BASE}/{request_id}/response"
    urllib.request.urlopen(urllib.request.Request(address, data=answer)).read()

#!/usr/bin/env python3
"""A function that writes the lines it is subscribed to into its log; fails at a first call if told.

A line is what SNS wrote about an SMS, or the message of a topic.
"""

import base64
import gzip
import json
import os
import urllib.request

BASE = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"

fails = os.environ.get("FAIL_FIRST") == "yes"
while True:
    with urllib.request.urlopen(f"{BASE}/next") as invocation:
        request_id = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(invocation)
    if fails:
        fails = False
        outcome, answer = "error", b'{"errorType":"TransientTrouble","errorMessage":"as told"}'
    elif "awslogs" in event:
        data = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
        for line in data.pop("logEvents"):
            print("LINE " + json.dumps({**data, "line": json.loads(line["message"])}), flush=True)
        outcome, answer = "response", b"{}"
    else:
        for record in event["Records"]:
            print("ANSWER " + record["Sns"]["Message"], flush=True)
        outcome, answer = "response", b"{}"
    address = f"{BASE}/{request_id}/{outcome}"
    urllib.request.urlopen(urllib.request.Request(address, data=answer)).read()

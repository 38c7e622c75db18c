#!/usr/bin/env python3
"""A function for the tests, in the form Lambda runs: speaks the Runtime API, does as it is told."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

BASE = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"


def post(path: str, body: bytes) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{BASE}/{path}", data=body)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def work(request_id: str, event: dict[str, Any], served: int) -> None:
    if "rawPath" in event:
        # A function URL: what came in goes back as the body.
        answer = {
            "statusCode": 201,
            "headers": {"content-type": "application/json", "x-answer": "yes"},
            "cookies": ["a=1; Secure", "b=2"],
            "body": json.dumps(event),
        }
        post(f"invocation/{request_id}/response", json.dumps(answer).encode())
        return
    match event.get("do"):
        case "exit":
            sys.exit(event["status"])
        case "sleep":
            time.sleep(event["seconds"])
        case "eat":
            eaten = b"x" * (event["mib"] << 20)
            time.sleep(event["seconds"])
            del eaten
        case "eat_in_a_child":
            eat = "import sys, time; eaten = b'x' * (int(sys.argv[1]) << 20); time.sleep(60)"
            subprocess.run([sys.executable, "-c", eat, str(event["mib"])], check=False)
        case "fail":
            body = b'{"errorType":"TransientTrouble","errorMessage":"as told"}'
            post(f"invocation/{request_id}/error", body)
            return
        case "print":
            print(event["text"], flush=True)
            print(event["text"].upper(), file=sys.stderr)
    answer = {
        "served": served,
        "pid": os.getpid(),
        "cwd": str(Path.cwd()),
        "environment": dict(os.environ),
        "padding": "x" * event.get("padding", 0),
    }
    post(f"invocation/{request_id}/response", json.dumps(answer).encode())
    if event.get("do") == "answer_then_exit":
        sys.exit(0)


def main() -> None:
    if os.environ.get("FAIL_AT_START") == "exit":
        print("cannot start")
        sys.exit(7)
    if os.environ.get("FAIL_AT_START") == "report":
        post("init/error", b'{"errorType":"BadConfig","errorMessage":"no table"}')
        time.sleep(60)
    served = 0
    while True:
        with urllib.request.urlopen(f"{BASE}/invocation/next") as answer:
            request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
            event = json.load(answer)
        served += 1
        work(request_id, event, served)


main()

"""SMS as the local world needs it: sending with delivery logs, answers, what the phones have got.

`provider` adds to LocalStack's SNS what it lacks for messages to phone numbers. `outcomes` decides
by the number what becomes of a message, `segments` counts its parts, `delivery_log` writes what
SNS writes about it. `phones` keeps what was sent and `two_way` what comes back; `world` starts all
of it with LocalStack.
"""

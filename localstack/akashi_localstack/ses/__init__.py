"""Amazon SES as the local world needs it: sending with events, receiving by SMTP, mailboxes.

`provider` serves the SES v2 API; `sending` decides what happens to a message and `events` writes
the records about it. `smtp` receives mail and `receipt` applies the active receipt rule set to it.
`mailbox` keeps what the recipients outside got. `world` starts all of it with LocalStack.
"""

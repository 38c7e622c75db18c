"""Serves the local zone over UDP and TCP, and its HTTP API on the gateway."""

from __future__ import annotations

import json

from dnslib import QTYPE, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSLogger, DNSServer
from rolo import Request, Response
from werkzeug.exceptions import BadRequest, NotFound

from akashi_localstack import routes, zone

UDP_SIZE_BYTES_MIN = 512
UDP_SIZE_BYTES_MAX = 1232
"""What fits into every network's packets (DNS flag day 2020); the rest is asked again over TCP."""


class NameServer:
    """A zone on one port."""

    def __init__(self, records: zone.Zone, host: str, port: int) -> None:
        resolver = _Resolver(records)
        quiet = DNSLogger(log="-request,-reply,-truncated,-error,-recv,-send,-data", prefix=False)
        self._servers = [
            DNSServer(resolver, host, port, tcp=is_tcp, logger=quiet, handler=_Handler)
            for is_tcp in (False, True)
        ]

    def start(self) -> None:
        """Answers from now on, in threads of its own."""
        for server in self._servers:
            server.start_thread()

    def stop(self) -> None:
        """Frees the port."""
        for server in self._servers:
            server.stop()
            server.server.server_close()


class _Handler(DNSHandler):
    def get_reply(self, data: bytes) -> bytes:
        request = DNSRecord.parse(data)
        reply = self.server.resolver.resolve(request, self)
        packed: bytes = reply.pack()
        if self.protocol == "tcp" or len(packed) <= udp_size_bytes_max(request):
            return packed
        # With the question, which dnslib's own way leaves out: without it, a resolver takes the
        # answer for a stranger's and waits for another one.
        truncated = request.reply()
        truncated.header.tc = 1
        return bytes(truncated.pack())


def udp_size_bytes_max(question: DNSRecord) -> int:
    """How large an answer over UDP may be: without EDNS 512 bytes, with it what the asker can take,
    but not more than a packet (RFC 6891, 6.2.3 to 6.2.5).
    """
    sizes = [int(record.edns_len) for record in question.ar if record.rtype == QTYPE.OPT]
    largest = max([UDP_SIZE_BYTES_MIN, *sizes])
    return min(largest, UDP_SIZE_BYTES_MAX)


class _Resolver(BaseResolver):
    def __init__(self, records: zone.Zone) -> None:
        self._records = records

    def resolve(self, request: DNSRecord, _handler: DNSHandler) -> DNSRecord:
        return zone.respond(self._records, request)


def add_routes(records: zone.Zone) -> None:
    """`GET`, `PUT` and `DELETE` of `/_akashi/dns/<name>`."""

    def handle(request: Request, name: str) -> Response:
        try:
            if request.method == "PUT":
                records.replace(name, json.loads(request.get_data()))
                return routes.json_response(records.show(name))
            if request.method == "DELETE":
                records.remove(name)
                return routes.empty_response()
            found = records.show(name)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        if found is None:
            raise NotFound(f"nothing was put at {name}")
        return routes.json_response(found)

    routes.add("/_akashi/dns/<name>", handle, ("GET", "PUT", "DELETE"))

# An echo server over HTTP/3 (RFC 9220), on the loopback port that is named, with a certificate and its key. Where it also listens
# for TCP, it is ready.
import asyncio
import sys

from aioquic.asyncio import QuicConnectionProtocol, serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration


class Echo(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = H3Connection(self._quic)
        self.held = {}

    def quic_event_received(self, event):
        for happened in self.http.handle_event(event):
            if isinstance(happened, HeadersReceived):
                self.answer(happened.stream_id, dict(happened.headers))
            elif isinstance(happened, DataReceived) and happened.stream_id in self.held:
                self.echo(happened.stream_id, happened.data)
        self.transmit()

    def answer(self, stream, headers):
        if headers.get(b":protocol") != b"websocket" or headers[b":path"] == b"/403":
            self.http.send_headers(stream, [(b":status", b"403"), (b"server", b"aioquic")])
            self.http.send_data(stream, b"go away", end_stream=True)
            return
        answer = [(b":status", b"200")]
        if b"b" in headers.get(b"sec-websocket-protocol", b"").split(b", "):
            answer.append((b"sec-websocket-protocol", b"b"))
        self.held[stream] = bytearray()
        self.http.send_headers(stream, answer)

    def echo(self, stream, data):
        held = self.held[stream]
        held += data
        while frame := parse(held):
            opcode, payload, end = frame
            del held[:end]
            opcode = 10 if opcode == 9 else opcode
            self.http.send_data(stream, header(0x80 | opcode, len(payload)) + payload, end_stream=opcode == 8)


def parse(held):
    """A masked frame from the beginning of held; None = it has not come whole."""
    if len(held) < 2:
        return None
    wide = {126: 2, 127: 8}.get(held[1] & 127, 0)
    at = 2 + wide
    if len(held) < at + 4:
        return None
    size = int.from_bytes(held[2:at], "big") if wide else held[1] & 127
    end = at + 4 + size
    if len(held) < end:
        return None
    key = (held[at:at + 4] * (size // 4 + 1))[:size]
    payload = int.from_bytes(held[at + 4:end], "big") ^ int.from_bytes(key, "big")
    return held[0] & 15, payload.to_bytes(size, "big"), end


def header(first, size):
    if size < 126:
        return bytes([first, size])
    if size < 1 << 16:
        return bytes([first, 126]) + size.to_bytes(2, "big")
    return bytes([first, 127]) + size.to_bytes(8, "big")


async def main(port, certificate, key):
    configuration = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
    configuration.load_cert_chain(certificate, key)
    await serve("127.0.0.1", port, configuration=configuration, create_protocol=Echo)
    await (await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", port)).serve_forever()


asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))

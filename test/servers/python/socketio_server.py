"""A Socket.IO server by python-socketio: call add with an acknowledgement."""
import asyncio
import sys

import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp", ping_interval=0.3, ping_timeout=30)


@sio.event
async def connect(sid, environ, auth):
    await sio.emit("welcome", {"auth": auth}, to=sid)


@sio.event
async def add(sid, a, b):
    return a + b


async def main():
    app = web.Application()
    sio.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    print(f"listening on ws://127.0.0.1:{port}/", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())

"""Echo servers on three Python libraries. Usage: echo.py websockets|aiohttp|tornado PORT"""
import asyncio
import sys


async def run_websockets(port):
    from websockets.asyncio.server import serve

    async def echo(connection):
        async for message in connection:
            await connection.send(message)

    async with serve(echo, "127.0.0.1", port):
        print("listening", flush=True)
        await asyncio.get_running_loop().create_future()


async def run_aiohttp(port):
    from aiohttp import WSMsgType, web

    async def echo(request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                await socket.send_str(message.data)
            elif message.type == WSMsgType.BINARY:
                await socket.send_bytes(message.data)
        return socket

    app = web.Application()
    app.router.add_get("/", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("listening", flush=True)
    await asyncio.get_running_loop().create_future()


async def run_tornado(port):
    from tornado import web, websocket

    class Echo(websocket.WebSocketHandler):
        def check_origin(self, origin):
            return True

        def get_compression_options(self):
            return {}

        def on_message(self, message):
            self.write_message(message, binary=isinstance(message, bytes))

    web.Application([("/", Echo)]).listen(port, "127.0.0.1")
    print("listening", flush=True)
    await asyncio.get_running_loop().create_future()


asyncio.run({"websockets": run_websockets, "aiohttp": run_aiohttp, "tornado": run_tornado}[sys.argv[1]](int(sys.argv[2])))

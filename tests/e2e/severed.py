"""A TCP proxy before a server, which can stop passing anything on without closing a connection: a partition.

Runs in a thread of its own. Must never look at what passes.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator

from tradai_sandbox.ports import HOST, find

_CHUNK = 65536


class Severed:
    """Passes everything on to `target` until `cut`; what comes meanwhile is kept, and passed on after `heal`."""

    def __init__(self, target: int) -> None:
        self.port = find({target})
        self._target = target
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open, self._over = asyncio.Event(), asyncio.Event()
        self._open.set()

    def cut(self) -> None:
        """From now on nothing passes, and nothing is closed."""
        self._soon(self._open.clear)

    def heal(self) -> None:
        """Everything passes again."""
        self._soon(self._open.set)

    def stop(self) -> None:
        """Ends everything."""
        self._soon(self._over.set)

    async def serve(self, ready: threading.Event) -> None:
        """The thread's work: until `stop`."""
        self._loop = asyncio.get_running_loop()
        async with await asyncio.start_server(self._accept, HOST, self.port):
            ready.set()
            await self._over.wait()

    def _soon(self, act: Callable[[], None]) -> None:
        if self._loop:
            self._loop.call_soon_threadsafe(act)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            await self._open.wait()
            there, back = await asyncio.open_connection(HOST, self._target)
            writers.append(back)
            await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))
        except (OSError, asyncio.CancelledError):
            pass  # a side that is gone, or the end
        finally:
            for each in writers:
                each.transport.abort()

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(_CHUNK):
            await self._open.wait()
            sink.write(data)
            await sink.drain()
        sink.close()


@contextlib.contextmanager
def severed(target: int) -> Iterator[Severed]:
    """A proxy that serves meanwhile."""
    proxy, ready = Severed(target), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(proxy.serve(ready)), daemon=True)
    thread.start()
    if not ready.wait(10):
        raise AssertionError("the proxy does not listen")
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join(10)

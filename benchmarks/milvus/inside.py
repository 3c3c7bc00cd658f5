"""Runs Milvus in a network of its own, and lets what comes through one inherited socket in.

`unshare --net python inside.py DESCRIPTOR COMMAND...`. Milvus listens on every address there is; in
here that is loopback and nothing else. The socket was opened outside, on 127.0.0.1, and is the only
way in. The end of standard input stops all, so that nothing outlives whoever started it.
"""

import asyncio
import fcntl
import signal
import socket
import struct
import subprocess
import sys
from typing import Final

PORT: Final = 19530
_SIOCSIFFLAGS: Final = 0x8914
_IFF_UP: Final = 1


def main() -> None:
    """Bring loopback up, start the command, and carry bytes until it is told to stop."""
    descriptor, *command = sys.argv[1:]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as milvus:
        asyncio.run(_serve(socket.socket(fileno=int(descriptor))))
        milvus.send_signal(signal.SIGINT)  # SIGTERM would leave the process that it wraps running


async def _serve(outside: socket.socket) -> None:
    async with await asyncio.start_server(_carry, sock=outside):
        await asyncio.to_thread(sys.stdin.buffer.read)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        within, into = await asyncio.open_connection("127.0.0.1", PORT)
    except OSError:
        writer.close()
        return
    await asyncio.gather(_pump(reader, into), _pump(within, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while received := await reader.read(1 << 16):
            writer.write(received)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


if __name__ == "__main__":
    main()

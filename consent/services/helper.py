"""The program of a helper (`helpers.py`): work on the chunks that come through a socket until it closes."""

import sys
from multiprocessing.connection import Connection

import orjson
from django.conf import settings

from consent.core.line import Line
from consent.services.chunks import work


def serve(socket: Connection) -> None:
    """Raises `EOFError` or `OSError` when the socket closes."""
    keys, task = socket.recv()
    settings.configure(**keys)
    while True:
        told = orjson.loads(socket.recv_bytes())
        lines = [Line(number, end, tuple(cells), *rest) for number, end, cells, *rest in told]
        del told
        try:
            answer: object = work(task, lines)
        except Exception as error:  # the worker raises it in its own name
            answer = error
        socket.send(answer)


if __name__ == "__main__":
    try:
        serve(Connection(int(sys.argv[1])))
    except (EOFError, OSError):
        sys.exit(0)

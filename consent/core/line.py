"""One row of a file, in whatever form the file is."""

from collections.abc import Mapping
from typing import NamedTuple


class Line(NamedTuple):  # not a dataclass: millions are made, and a tuple is made five times as fast
    number: int  # of the first line of the file it stands in, from 1
    end: int  # of the last one: reading goes on behind it
    cells: tuple[str, ...]  # in the order of the headings
    is_readable: bool = True  # False: the reader could make no sense of it
    others: Mapping[str, str] = {}  # what stood under headings that the first rows did not have

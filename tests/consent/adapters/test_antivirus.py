"""clamd is asked with its own protocol; whatever is not its answer is no verdict."""

import os
import tempfile
from pathlib import Path

import pytest

from consent.adapters.antivirus import CHUNK, AntivirusAway, found_in
from tests.clamd import EICAR, Clamd, serving


def test_a_virus_is_named_and_a_clean_file_is_not():
    with serving(Clamd()) as clamd:
        assert found_in(b"%PDF-1.7 " + EICAR, clamd.address) == "Eicar-Signature"
        assert found_in(b"%PDF-1.7 clean", clamd.address) == ""


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 5 * CHUNK - 1])
def test_every_byte_arrives(size):
    data = os.urandom(size)
    with serving(Clamd()) as clamd:
        found_in(data, clamd.address)
        assert clamd.scanned == [data]


def test_a_socket_of_the_machine_will_do():
    with tempfile.TemporaryDirectory() as folder, serving(Clamd(), Path(folder) / "clamd.ctl") as clamd:
        assert found_in(EICAR, clamd.address) == "Eicar-Signature"


@pytest.mark.parametrize("says", [b"INSTREAM size limit exceeded. ERROR\0", b"\0", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_another_answer_is_no_verdict(says):
    with serving(Clamd(says=says)) as clamd, pytest.raises(AntivirusAway):
        found_in(b"data", clamd.address)


def test_nobody_there_is_no_verdict(free_port):
    for address in (f"127.0.0.1:{free_port}", "/nowhere/clamd.ctl", "no address"):
        with pytest.raises(AntivirusAway):
            found_in(b"data", address)

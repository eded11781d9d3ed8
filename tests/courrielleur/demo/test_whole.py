"""The whole demo on real processes: history in, cases played, the purchased list stopped; and a second start."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.installation import PATIENCE_SECONDS, ROOT, Installation, folder, free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def installation() -> Iterator[Installation]:
    with folder() as var:
        installation = Installation(var)
        installation.settings |= {
            "COURRIELLEUR_EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
            "COURRIELLEUR_WEBHOOK_PRIVATE_NETWORKS": "1",
        }
        try:
            installation.prepare()
            installation.start_worker()
            installation.start_intake()
            web = ["-m", "gunicorn", "--threads", "4", "--no-control-socket", "courrielleur.wsgi"]
            installation.running["web"] = subprocess.Popen(
                [sys.executable, *web, "--bind", f"127.0.0.1:{installation.web_port}"],
                cwd=ROOT,
                env=installation.environment,
                start_new_session=True,
            )
            yield installation
        finally:
            installation.kill_everything()


def played(installation: Installation) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--once", "--days", "14", "--speed", "4"],
        cwd=ROOT,
        env=installation.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


def test_the_demo_tells_its_story_once_and_a_second_start_goes_on_from_there(installation):
    first = played(installation)
    for account in ("aubaines-express", "prestige-fairs", "vitalite-plus", "horizon-dore"):
        assert f"MTA: account {account} stopped" in first, first
    assert "Aubaines Express has answered and handed in consent records" in first
    assert "Placements Horizon doré was stopped" in first
    letters = " ".join(path.name for path in (installation.var / "letters").glob("*.eml"))
    assert "Envois-suspendus-Placements-Horizon-doré" in letters
    assert "Sending-suspended-Prestige-Trade-Fairs" in letters

    second = played(installation)
    assert "come in over SMTP" not in second
    assert "MTA: account horizon-dore stopped" in second, "a new MTA is told at once who may not send"

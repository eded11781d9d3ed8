"""Find the files of other accounts that hold the same evidence, by their sketches: no file is opened for it."""

from collections.abc import Iterable
from uuid import UUID

from consent.core.evidence.copies import Sketch, shared_evidence
from consent.core.evidence.rows import Finding as Found
from consent.models import ConsentUpload, EvidenceSketch

MOST = 200  # files that have something in common with one


def keep(account_id: int, sketches: Iterable[tuple[UUID, Sketch]]) -> None:
    """Keep the sketches of an account's files, for others to be compared with."""
    for upload_id, sketch in sketches:
        EvidenceSketch.objects.update_or_create(
            upload_id=upload_id,
            defaults={"account_id": account_id, "digests": list(sketch.digests), "reach": sketch.reach},
        )


def shared(account_id: int, own: Sketch) -> list[Found]:
    """Return the accounts that have the same evidence, each once, with the file that shares most."""
    alike = EvidenceSketch.objects.filter(
        digests__overlap=list(own.digests), upload__state=ConsentUpload.State.DONE
    ).exclude(account=account_id)
    found: dict[str, Found] = {}
    for key, digests, reach in alike.values_list("account__key", "digests", "reach")[:MOST].iterator(chunk_size=20):
        other = Sketch(tuple(map(bytes, digests)), bytes(reach))
        for one in shared_evidence(own, {key: other}):
            if key not in found or one.count > found[key].count:
                found[key] = one
    return list(found.values())

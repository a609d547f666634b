"""How much a sign gives away of the book and language that it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from scenesign.transforms.metrics.metric import Evidence, Metric, MetricValue

# The adjustment for chance in AMI costs books x signs steps; beyond this many it is left out and said to be so.
_MOST_AMI_CELLS = 20_000_000


def adjusted_information(labels: Sequence[int], groups: Sequence[int]) -> float | None:
    """Adjusted mutual information (Vinh et al. 2010) of sign and group: 0 by chance, 1 when one tells the other.

    None where it would cost too much.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    if len(set(groups)) < 2:
        return 0.0
    if len(set(labels)) * len(set(groups)) > _MOST_AMI_CELLS:
        return None
    return round(float(adjusted_mutual_info_score(groups, labels)), 4)


def sign_neutrality(evidence: Evidence) -> dict[str, MetricValue]:
    """Adjusted mutual information of the signs of level 1 with book and with language."""
    labels = [sign for book in evidence.books for sign in book.ids]
    owners = [i for i, book in enumerate(evidence.books) for _ in book.signs]
    spoken = sorted({book.language for book in evidence.books})
    languages = [spoken.index(book.language) for book in evidence.books for _ in book.signs]
    return {
        "ami/sign_book": adjusted_information(labels, owners),
        "ami/sign_language": adjusted_information(labels, languages),
    }


METRICS = (
    Metric("ami/sign_book", "how far a sign tells its book", "AMI", -1, 1, "lower", sign_neutrality, costly=True),
    Metric(
        "ami/sign_language", "how far a sign tells its language", "AMI", -1, 1, "lower", sign_neutrality, costly=True
    ),
)

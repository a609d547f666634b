"""Coverage-guided fuzzing of one reader for as long as you like: `make fuzz`, or

    python -m tests.hostile.fuzz NAME [--seconds 60]

NAME is one of the sound files of `mutations.py`, such as a.epub. What is found to be interesting stays in
out/fuzz/NAME/corpus for the next time; what breaks the rules of `oracle.py` is left beside it as `crash-...`.
"""

from __future__ import annotations

import argparse
import logging
import sys

from tests.conftest import ROOT
from tests.hostile.mutations import SOUND, WORDS

try:
    import atheris
except ImportError:
    atheris = None


def main() -> int:
    """Runs libFuzzer until the time is over or something breaks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=[*SOUND, "list"], help="a sound file; `list` prints their names")
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    if given.name == "list":
        print(*SOUND)
        return 0
    if atheris is None:
        print("fuzz: atheris can't be installed here, so nothing was fuzzed; tests/hostile/test_fuzz.py needs none")
        return 0
    with atheris.instrument_imports(include=["scenesign"]):
        from tests.hostile.oracle import check, read_pdfs_here
    logging.disable(logging.CRITICAL)
    read_pdfs_here()
    folder = ROOT / "out" / "fuzz" / given.name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "sound").write_bytes(SOUND[given.name])
    words = folder / "words"
    words.write_text(
        "".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in WORDS), encoding="utf-8"
    )
    print(f"fuzz: {given.name} for {given.seconds} s", flush=True)
    settings = [f"-max_total_time={given.seconds}", f"-dict={words}", "-max_len=65536", f"-artifact_prefix={folder}/"]
    settings += ["-timeout=20", "-rss_limit_mb=4096", "-print_final_stats=1", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *settings, str(corpus)], lambda data: check(folder / "file", data, given.name))
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())

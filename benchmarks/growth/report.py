"""The report as Markdown: for the terminal, and for docs/figures/growth.md."""

from benchmarks.growth.all_kinds import KINDS
from benchmarks.growth.results import Figures, Growth, Row
from benchmarks.growth.searching import RECALL
from benchmarks.growth.vectors import ASKED, LIMIT, TRIED
from benchmarks.growth.verdict import BUSY, sentences
from benchmarks.tables import number, table

_HEADS = (
    "embeddings", "index", "build, s", "disk, MB", "memory, MB", "of it files", "1 client, ms",
    "95 of 100", "16 clients, ms", "95 of 100", "searches/s", "processor, ms", "recall", "effort",
    "",
)  # fmt: skip


def markdown(growth: Growth) -> str:
    """Return the whole report."""
    return "\n".join(
        [
            "# An index as it grows",
            "",
            "Written by `python -m benchmarks.growth --publish`.",
            "",
            *_machine(growth),
            "",
            _about(growth),
            table(_HEADS, map(_cells, growth.rows), right=set(range(2, 14)) | {0}),
            "## Where exact search stops being sensible",
            "",
            verdict(growth),
        ]
    )


def verdict(growth: Growth) -> str:
    """Return where exact search stops being sensible, as a list."""
    return "".join(f"- {each}\n" for each in sentences(growth))


def _machine(growth: Growth) -> list[str]:
    machine = growth.machine
    libraries = ", ".join(f"{name} {version}" for name, version in machine.libraries.items())
    commits = ", ".join(sorted({row.commit for row in growth.rows if row.commit}))
    when = sorted(row.when for row in growth.rows)
    return [
        f"- Machine: {machine.cpu}, {machine.cores} cores, {machine.memory / 1e9:.0f} GB memory, "
        f"{machine.system}",
        f"- Python {machine.python}, {libraries}",
        f"- When: {when[0]} to {when[-1]}; commit {commits or 'unknown'}",
    ]


def _about(growth: Growth) -> str:
    return f"""\
The {LIMIT} nearest of synthetic embeddings of {growth.dimensions} dimensions: normal random \
numbers with mean and spectrum {growth.spectrum}, brought to unit length. Queries are drawn in the \
same way. So nothing has real neighbours, which is harder than pictures are, and hardest for what \
follows neighbours: approximate indexes find more, sooner, among pictures.

- Build: from the embeddings' file to an index on the disk, with all cores; of the embedded one, \
its sketch. Disk: of the files that searching needs.
- Memory: proportional set size of the processes that answer, after the searches. Pages of mapped \
files count as far as they are in memory; the system can drop these and read them again.
- 1 client: {ASKED} searches at the most, one after the other, each on one thread; half of them, \
and 95 of 100, took no longer.
- {growth.clients} clients without a pause: in two processes of eight threads for the embedded \
index, as in a server with two workers, and for the engine, whose clients take time of the same \
processors; in sixteen threads of one process for FAISS. Processor: of those that answer, for each \
search.
- Recall: the share of the exact {LIMIT} that were found. Effort: the least (of powers of two) \
with which FAISS found {RECALL:.0%} for {TRIED} other queries, or its largest; `efSearch` of a \
graph, `nprobe` of lists. The engine is asked as `model/ranking/engine.py` does.
- The engine closes a part of a collection when it is full (its setting \
`dataCoord.segment.sealProportion` is 1), so that it does not merge parts later, and make their \
graphs again. It runs in a network of its own and is reached through a relay in Python, which adds \
some tenths of a millisecond. Every index was measured in processes of its own.
"""


def _cells(row: Row) -> tuple[str, ...]:
    kind = KINDS[row.kind].told if row.kind in KINDS else row.kind
    name = f"**{kind}**" if row.kind == "embedded" else kind
    if row.figures is None:
        return (f"{row.size:,}", name, *["-"] * 12, f"not measured: {row.why}")
    return (f"{row.size:,}", name, *_figures(row.figures), _note(row.figures))


def _figures(found: Figures) -> tuple[str, ...]:
    return (
        number(found.build),
        number(found.disk / 1e6),
        number(found.memory / 1e6),
        number(found.mapped / 1e6),
        number(found.alone.half),
        number(found.alone.most),
        number(found.together.half),
        number(found.together.most),
        number(found.rate),
        number(found.processor),
        f"{found.recall:.4f}",
        "" if found.effort is None else f"{found.effort:,}",
    )


def _note(found: Figures) -> str:
    return f"others took {found.others:.0%}" if found.others >= BUSY else ""

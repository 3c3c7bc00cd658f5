"""Every setting of the server, once: the fields of `Settings` are the table.

Environment variables, `create_app(config)`, `python -m app --help` and docs/settings.md all come
from here. A value that makes no sense is refused with a sentence; so is a name that is mistyped.
"""

import difflib
import os
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

PREFIX: Final = "IMAGESEARCH_"


# Names what a secret setting takes; no message shows its value.
_HIDDEN: Final = "hidden"


class SettingsError(ValueError):
    """A setting that cannot be used; its text says which, why, and what would be right."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator decides. Every field has a default that suits one small machine."""

    bundle: Annotated[
        str, Meta(min_length=1, description="Folder of the bundle that is served.")
    ] = "model/bundle"
    index: Annotated[
        str,
        Meta(
            pattern=r"^(embedded|milvus(\+tls)?://[^/@\s]+/[A-Za-z_]\w{0,199})$",
            examples=["milvus://127.0.0.1:19530/bridges"],
            description="Where is ranked: `embedded` in the bundle, or a collection of Milvus.",
        ),
    ] = "embedded"
    index_token: Annotated[
        str,
        Meta(
            extra={_HIDDEN: "text"},
            description="What Milvus wants to know of who asks: `user:password`.",
        ),
    ] = ""
    host: Annotated[str, Meta(min_length=1, description="Address that the server listens on.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Meta(ge=0, le=65535, description="Port that the server listens on.")] = (
        8000
    )
    workers: Annotated[int, Meta(ge=1, le=64, description="Server processes.")] = 2
    threads: Annotated[
        int, Meta(ge=1, le=64, description="Requests that one process answers side by side.")
    ] = 4
    access_log: Annotated[
        bool, Meta(description="Write a line to standard output for each request.")
    ] = False
    log_format: Annotated[
        Literal["text", "json"],
        Meta(description="How log lines are written: for people, or as JSON, one object a line."),
    ] = "text"
    metrics: Annotated[bool, Meta(description="Measure, and answer Prometheus at /metrics.")] = (
        False
    )
    password: Annotated[
        str,
        Meta(
            max_length=200,
            description="Ask everybody for this password, with any user name; empty: nobody.",
            extra={_HIDDEN: "text of at most 200 characters"},
        ),
    ] = ""
    proxies: Annotated[
        int,
        Meta(
            ge=0,
            le=10,
            description="Reverse proxies in front, whose X-Forwarded headers are believed.",
        ),
    ] = 0
    request_bytes: Annotated[
        int, Meta(ge=1024, le=2**31, description="Largest request, in bytes.")
    ] = 16 * 1024 * 1024
    pixels: Annotated[
        int, Meta(ge=1, le=2**31, description="Largest picture that is decoded, in pixels.")
    ] = 100_000_000
    picture_seconds: Annotated[
        float,
        Meta(
            ge=0.1,
            le=600,
            description="Longest that decoding may take, of all pictures of one request together.",
        ),
    ] = 8.0
    picture_memory: Annotated[
        int,
        Meta(
            ge=128 * 2**20,
            le=2**40,
            description="Most memory that the process has which decodes a picture, in bytes.",
        ),
    ] = 256 * 1024 * 1024
    form_parts: Annotated[int, Meta(ge=1, le=1000, description="Most parts of one form.")] = 128
    results: Annotated[
        int, Meta(ge=1, le=1000, description="Matches on a page, and in an answer of the API.")
    ] = 24
    results_most: Annotated[
        int, Meta(ge=1, le=1000, description="Most matches that one API request may ask for.")
    ] = 100
    browse: Annotated[
        int, Meta(ge=1, le=1000, description="Pictures on a page of the gallery.")
    ] = 60
    encodes: Annotated[
        int,
        Meta(ge=1, le=64, description="Pictures that one process decodes and encodes at a time."),
    ] = 2
    wait: Annotated[
        float,
        Meta(
            ge=0,
            le=60,
            description="Seconds that a picture waits for its turn before the answer is 503.",
        ),
    ] = 5.0
    rate: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000,
            description="Requests a minute that one address may make; one that sends something "
            "counts ten. 0: as many as it likes.",
        ),
    ] = 0
    rate_store: Annotated[
        str,
        Meta(
            pattern=r"^(memory://|(rediss?|redis\+unix)://\S+)$",
            extra={_HIDDEN: "`memory://`, or an address such as `redis://127.0.0.1:6379`"},
            description="Where these are counted: in each process for itself, or in Redis.",
        ),
    ] = "memory://"
    second_look: Annotated[
        bool,
        Meta(
            description="Order the nearest 100 anew by comparing their cells, "
            "where the bundle has them."
        ),
    ] = False
    origins: Annotated[
        str,
        Meta(
            pattern=r"^(\*|[A-Za-z][\w+.-]*://[^\s,/*]+(, *[A-Za-z][\w+.-]*://[^\s,/*]+)*)?$",
            examples=["https://one.example, https://two.example"],
            description="Sites whose scripts may use the API (CORS); `*` for all, empty for none.",
        ),
    ] = ""

    hosts: Annotated[
        str,
        Meta(
            pattern=r"^([A-Za-z0-9.-]+(, *[A-Za-z0-9.-]+)*)?$",
            examples=["pictures.example.org"],
            description="Names of the site; requests for others are refused; empty: any name.",
        ),
    ] = ""
    fetch: Annotated[
        bool,
        Meta(
            description="Search with pictures at an address, too (`?url=`): the server gets them."
        ),
    ] = False
    fetch_seconds: Annotated[
        float,
        Meta(ge=0.1, le=60, description="Seconds until one must have come, whatever it takes."),
    ] = 10.0
    fetch_ports: Annotated[
        str,
        Meta(
            pattern=r"^[0-9]{1,5}(, *[0-9]{1,5})*$",
            examples=["80, 443"],
            description="Ports that such addresses may have.",
        ),
    ] = "80, 443"
    fetch_networks: Annotated[
        str,
        Meta(
            pattern=r"^([0-9A-Fa-f.:]+/[0-9]{1,3}(, *[0-9A-Fa-f.:]+/[0-9]{1,3})*)?$",
            examples=["10.1.0.0/16, fd12::/48"],
            description="Networks that they may lead to, beside the open internet.",
        ),
    ] = ""
    token: Annotated[
        str,
        Meta(
            pattern=r"^([A-Za-z0-9._~+/-]{24,}=*)?$",
            extra={_HIDDEN: "at least 24 letters and digits that nobody can guess"},
            description="Secret that changes of the gallery must carry; empty: nobody can make "
            "any. `openssl rand -hex 24` makes one.",
        ),
    ] = ""

    def __repr__(self) -> str:
        """Tell of what is set, and of a secret only whether it is."""
        told = ", ".join(
            f"{field.name}={_told(field.type, getattr(self, field.name))}"
            for field in msgspec.structs.fields(self)
        )
        return f"Settings({told})"


class Row(NamedTuple):
    """One setting, as the documentation shows it."""

    name: str
    kind: str
    default: str
    help: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


def load(
    config: Mapping[str, object] | None = None, environ: Mapping[str, str] = os.environ
) -> Settings:
    """Return the settings: defaults, then the environment, then `config` (keys in upper case).

    Raises SettingsError for a value that makes no sense and for a name that does not exist.
    """
    given: dict[str, object] = {
        variable.removeprefix(PREFIX): value
        for variable, value in environ.items()
        if variable.startswith(PREFIX)
    }
    given |= config or {}
    return Settings(**{name.lower(): _convert(name, value) for name, value in given.items()})


def told(chosen: Settings) -> dict[str, Any]:
    """Return the settings by name; of what is secret, whether it is set."""
    return {
        field.name: bool(getattr(chosen, field.name))
        if _secret(field.type)
        else getattr(chosen, field.name)
        for field in msgspec.structs.fields(Settings)
    }


def rows() -> list[Row]:
    """Return the table, in the order of the fields."""
    return [
        Row(field.name, expectation(field.type), _shown(field.default), _help(field.type))
        for field in msgspec.structs.fields(Settings)
    ]


def text() -> str:
    """Return the table as `--help` prints it."""
    return "\n".join(
        f"  {row.variable} ({row.kind}; default {row.default})\n      {row.help}" for row in rows()
    )


def markdown() -> str:
    """Return the table as docs/settings.md holds it."""
    lines = ["| variable | value | default | what it does |", "|---|---|---|---|"]
    lines += [f"| `{row.variable}` | {row.kind} | `{row.default}` | {row.help} |" for row in rows()]
    return "\n".join(lines) + "\n"


def _convert(name: str, value: object) -> Any:
    types = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    kind = types.get(name.lower())
    if kind is None:
        raise SettingsError(_unknown(name, list(types)))
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError:
        raise SettingsError(
            f"The setting {PREFIX}{name} cannot be {_told(kind, value)}: it takes "
            f"{expectation(kind)}. What it does: {_help(kind)}"
        ) from None


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name.lower(), known, n=1)
    hint = (
        f"Did you mean {PREFIX}{close[0].upper()}?"
        if close
        else "`python -m app --help` lists them."
    )
    return f"There is no setting {PREFIX}{name}. {hint}"


def expectation(kind: Any) -> str:
    """Return what a value of this annotated type may be: "a whole number from 1 to 64".

    Of a list, what each of its values may be.
    """
    described: Any = msgspec.inspect.type_info(kind)
    inner: Any = _inner(described)
    if isinstance(inner, msgspec.inspect.ListType):
        described, inner = inner.item_type, _inner(inner.item_type)
    if isinstance(inner, msgspec.inspect.LiteralType):
        return f"one of {', '.join(map(str, inner.values))}"
    if isinstance(inner, msgspec.inspect.BoolType):
        return "true or false"
    if isinstance(inner, msgspec.inspect.StrType):
        if secret := _secret(kind):
            return secret
        example = (described.extra_json_schema or {}).get("examples") if inner.pattern else None
        most = "" if inner.max_length is None else f" of at most {inner.max_length} characters"
        return f"text such as `{example[0]}`" if example else f"text{most}"
    number = "a whole number" if isinstance(inner, msgspec.inspect.IntType) else "a number"
    return f"{number} from {inner.ge} to {inner.le}"


def repeated(kind: Any) -> int | None:
    """Return how often a value of this type may be given; None: it is no list of values."""
    inner = _inner(msgspec.inspect.type_info(kind))
    return inner.max_length if isinstance(inner, msgspec.inspect.ListType) else None


def _secret(kind: Any) -> str:
    """Return what a secret setting takes; of others ""."""
    extra = getattr(msgspec.inspect.type_info(kind), "extra", None) or {}
    return str(extra.get(_HIDDEN, ""))


def _told(kind: Any, value: object) -> str:
    """Return a value as messages may show it."""
    if not _secret(kind):
        return repr(value)
    return "what it is set to" if value else "empty"


def _inner(described: Any) -> Any:
    return described.type if isinstance(described, msgspec.inspect.Metadata) else described


def _help(kind: Any) -> str:
    return next(str(part.description) for part in kind.__metadata__ if isinstance(part, Meta))


def _shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)

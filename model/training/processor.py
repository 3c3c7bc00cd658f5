"""What the processor is good at."""

from typing import Final

_BFLOAT16_FLAGS: Final = {"amx_bf16", "avx512_bf16"}


def fast_bfloat16() -> bool:
    """Tell whether the processor computes with bfloat16 faster than with float32.

    Measured at batch 64: 104 against 67 pictures/s with AMX; without such instructions it is
    emulated, and slower than float32 by far.
    """
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:  # noqa: PTH123
            return bool(_BFLOAT16_FLAGS & set(file.read().split()))
    except OSError:
        return False

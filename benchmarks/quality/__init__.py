"""How good the search is: `make evaluate`.

What is measured is in `model/evaluation/`. Here it gets its milliseconds and bytes, and with
`--publish` it is written down: docs/figures/quality.{json,md} and pictures, README.md, the
gallery's README.md, and the model card in the bundle.
"""

"""Encoding on several machines: the same function on the workers of a Dask scheduler.

Whoever gives the command plans, keeps the journal and publishes, as ever. Only what `model/entries`
does to one picture is done elsewhere, a batch at a time. Nothing here is imported, and Dask need
not be installed, unless `index --cluster` asks for it.
"""

from model.cluster.connecting import ClusterError
from model.cluster.handing_out import encoded_on

__all__ = ["ClusterError", "encoded_on"]

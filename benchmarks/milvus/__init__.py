"""A real Milvus on loopback, from its pinned package: for the benchmarks, and for the tests."""

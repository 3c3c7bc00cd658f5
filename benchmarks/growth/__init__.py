"""What an index costs as it grows: ours, the engine and FAISS, from a thousand embeddings on."""

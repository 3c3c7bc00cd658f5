"""What serving and training share: the loader, the bundle, the encoder, ranking and records."""

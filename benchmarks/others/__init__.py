"""What people would otherwise write, each run as a process of its own: some import TensorFlow."""

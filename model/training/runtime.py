"""TensorFlow and Keras as this package uses them: set up once, before the slow import."""

import os

# oneDNN's convolutions trained 31 pictures a second where Eigen's did 22; TensorFlow leaves them
# off on processors without AVX-512. And its remarks about absent GPUs are of no use to anybody.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

from model.training import processor

__all__ = ["fast_bfloat16", "keras", "tf"]


def fast_bfloat16() -> bool:
    """Tell whether TensorFlow computes with bfloat16 faster than with float32 here."""
    return bool(tf.config.list_physical_devices("GPU")) or processor.fast_bfloat16()

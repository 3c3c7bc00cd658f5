"""Everything that trains and exports. Only this package imports TensorFlow; serving never does."""

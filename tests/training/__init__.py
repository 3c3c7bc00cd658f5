"""Tests of preparing, training and exporting, on drawn pictures and the true network."""

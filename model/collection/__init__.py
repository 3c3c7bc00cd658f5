"""A gallery as files of standard formats: written by `export-gallery`, read by `import-gallery`."""

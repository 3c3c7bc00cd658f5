"""Renders the gallery's bridges: geometry in NumPy, light in Blender, development in NumPy."""

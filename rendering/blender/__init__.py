"""The part that runs inside Blender, where there is no NumPy: it builds what files say."""

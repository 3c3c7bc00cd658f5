"""What others made and is installed here: is it known to be weak, and what may be done with it?"""

"""An hour of mixed traffic while gallery and workers change: does the server stay as it was?"""

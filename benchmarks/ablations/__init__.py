"""What each part of the training is worth: the small recipe, with one part left out at a time."""

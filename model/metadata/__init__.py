"""What pictures and the files beside them tell: titles, credits, tags and dates, made clean."""

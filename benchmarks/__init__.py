"""What imagesearch costs, measured beside what people would otherwise write.

Nothing here is part of the product: the server and the model never import it.
"""

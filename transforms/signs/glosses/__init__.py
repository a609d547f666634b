"""What signs mean: words of scenes, keywords and names made of them, and the tables that keep them."""

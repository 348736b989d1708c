"""What agents may ask and suggest, over the Model Context Protocol."""

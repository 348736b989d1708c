"""What agents may ask of a workspace, over the Model Context Protocol: reads, and suggestions that people decide on."""

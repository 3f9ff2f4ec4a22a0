"""An exam on somebody's own network: questions made of what one forward pass of it showed."""

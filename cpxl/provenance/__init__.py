"""From every figure that is shown back to the cells that it was typed in, and its proof."""

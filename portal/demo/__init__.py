"""An example portal: real divisions from each plugin's ``example`` folder, invented people and enterprises (示例)."""

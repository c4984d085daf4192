"""What is chosen: who decides, who hears whom."""

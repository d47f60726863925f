"""What templates of the case desk use."""

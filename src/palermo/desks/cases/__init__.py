"""The case desk: cases, what was brought in, what was found, and what people make of it."""

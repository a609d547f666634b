"""From bytes to clean text: encodings, repair, lines, headings, language, licence."""

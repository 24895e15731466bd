"""Tell: figures, tables and the page of a comparison, in English and Chinese. It computes no statistics."""

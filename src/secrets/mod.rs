//! Bytes of any text file to secret facts: one scan, patterns, entropy, checksums, decoding. Knows no format.

"""`tandem map`: compares two lists of accounts with the matcher of the streams; it never needs a broker."""

"""`tandem leads`, `tandem explain lead` and `tandem route`."""

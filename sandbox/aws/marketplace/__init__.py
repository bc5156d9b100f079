"""AWS Marketplace as its sellers see it: the catalog, the agreements, a buyer and the seller's own console."""

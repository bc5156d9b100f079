"""An emulated AWS: Marketplace Catalog, Marketplace Agreement and Partner Central Selling, beside moto's SQS, SNS and EventBridge."""

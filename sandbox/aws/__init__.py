"""An emulated AWS: Marketplace Catalog and Agreement, Partner Central Selling, beside moto's SQS, SNS and EventBridge."""

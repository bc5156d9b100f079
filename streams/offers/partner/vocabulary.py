"""The words and limits that Partner Central knows, from its service model (partnercentral-selling 2022-07-26); no rules."""

from schemas.marketplace import CosellStage, ReviewStatus

INDUSTRIES = (
    "Aerospace", "Agriculture", "Automotive", "Computers and Electronics", "Consumer Goods", "Education",
    "Energy - Oil and Gas", "Energy - Power and Utilities", "Financial Services", "Gaming", "Government", "Healthcare",
    "Hospitality", "Life Sciences", "Manufacturing", "Marketing and Advertising", "Media and Entertainment", "Mining",
    "Non-Profit Organization", "Professional Services", "Real Estate and Construction", "Retail",
    "Software and Internet", "Telecommunications", "Transportation and Logistics", "Travel",
    "Wholesale and Distribution", "Other",
)  # fmt: skip
USE_CASES = (
    "AI Machine Learning and Analytics", "Archiving", "Big Data: Data Warehouse/Data Integration/ETL/Data Lake/BI",
    "Blockchain", "Business Applications: Mainframe Modernization", "Business Applications & Contact Center",
    "Business Applications & SAP Production", "Centralized Operations Management", "Cloud Management Tools",
    "Cloud Management Tools & DevOps with Continuous Integration & Continuous Delivery (CICD)",
    "Configuration, Compliance & Auditing", "Connected Services", "Containers & Serverless",
    "Content Delivery & Edge Services", "Database", "Edge Computing/End User Computing", "Energy",
    "Enterprise Governance & Controls", "Enterprise Resource Planning", "Financial Services",
    "Healthcare and Life Sciences", "High Performance Computing", "Hybrid Application Platform", "Industrial Software",
    "IOT", "Manufacturing, Supply Chain and Operations", "Media & High performance computing (HPC)",
    "Migration/Database Migration", "Monitoring, logging and performance", "Monitoring & Observability", "Networking",
    "Outpost", "SAP", "Security & Compliance", "Storage & Backup", "Training", "VMC", "VMWare",
    "Web development & DevOps",
)  # fmt: skip
LOST_REASONS = (
    "Customer Deficiency", "Delay / Cancellation of Project", "Legal / Tax / Regulatory",
    "Lost to Competitor - Google", "Lost to Competitor - Microsoft", "Lost to Competitor - SoftLayer",
    "Lost to Competitor - VMWare", "Lost to Competitor - Other", "No Opportunity", "On Premises Deployment",
    "Partner Gap", "Price", "Security / Compliance", "Technical Limitations", "Customer Experience", "Other",
    "People/Relationship/Governance", "Product/Technology", "Financial/Commercial",
)  # fmt: skip
SPEND_CURRENCIES = ("USD", "EUR")  # of the expected monthly spend; the model takes more, AWS's text does not

AWS_REFERRAL = "aws_referral"

LOCKED = frozenset({ReviewStatus.SUBMITTED, ReviewStatus.IN_REVIEW, ReviewStatus.REJECTED})
# "Working with opportunity updates" of the Partner Central API reference: what can be changed after a return ...
OPEN_WHEN_RETURNED = frozenset(
    {"deal", "website", "country", "state", "city", "postal_code", "street", "close_date", "problem", "monthly_spend",
     "spend_currency"}
)  # fmt: skip
# ... and what can no longer be changed after the approval.
FIXED_WHEN_APPROVED = frozenset({"deal", "title", "website", "country", "postal_code", "industry", "problem"})

# What the deal decides; of everything else, what people at AWS have entered is kept.
OWNED = frozenset(
    {"stage", "lost_reason", "next_steps", "close_date", "software_amount", "software_currency", "software_from",
     "software_until", "software_model"}
)  # fmt: skip
# What the rules say for every deal: written at the beginning, and into a draft that somebody left empty; never again.
GENERAL = frozenset({"delivery", "needs", "activities", "opportunity_type", "monthly_spend", "spend_currency"})

ORDER = (
    CosellStage.PROSPECT, CosellStage.QUALIFIED, CosellStage.TECHNICAL_VALIDATION, CosellStage.BUSINESS_VALIDATION,
    CosellStage.COMMITTED, CosellStage.LAUNCHED,
)  # fmt: skip
OVER = frozenset({CosellStage.LAUNCHED, CosellStage.CLOSED_LOST})  # AWS takes no change of such an opportunity any more

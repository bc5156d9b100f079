"""`tandem demo`: the main job on real company lists, with the Salesforce emulator as our CRM."""

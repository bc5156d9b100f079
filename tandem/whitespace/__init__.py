"""`tandem whitespace`: what a partner has and we lack, and what a profile of ideal customers says; it writes to no system."""

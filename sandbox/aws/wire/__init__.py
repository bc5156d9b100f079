"""The wires of the emulated services: requests and answers as boto3 sends and reads them."""

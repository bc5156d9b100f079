"""How writes reach Salesforce: read and judge, send one of four ways, mend what failed; nothing here waits.

What a batch of n writes of one entity costs in API calls (k keys of 40 characters fit into one query: about 270):

    by external id   n / 270 to read + n / 200 to write; 200 writes are 2 calls, and 1 where all agree
    by id            n / 2000 to read + n / 200 to write; 200 writes are 2 calls, and 1 where all agree
    in a Bulk job    as above to read + 5 and one for each look at the job (+ 1 where rows failed); 10,000 writes by id
                     are 5 + 5 + looks instead of 5 + 50
    with a parent    2 x n / 270 to read + n / 75 to write
    one with expected values: 1 to read + 1 to write, under the condition that the record is still as it was read
"""

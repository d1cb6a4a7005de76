"""What never changes after the first deployment, a row a property (002 "Immutable Values").

Must never judge a change: `tradai_iac.immutable` does.
"""

from typing import Final

from tradai_iac.immutable import rows

_VPC: Final = "aws:ec2/vpc:Vpc"
_SUBNET: Final = "aws:ec2/subnet:Subnet"
_TABLE: Final = "aws:dynamodb/table:Table"
_BUCKET: Final = "aws:s3/bucket:Bucket"
_POOL: Final = "aws:cognito/userPool:UserPool"

_NETWORK: Final = "everything in that network would be built anew"
_TABLE_LOSS: Final = "the table would be replaced and its items lost"
_BUCKET_LOSS: Final = "the bucket would be replaced and its objects lost"
_POOL_LOSS: Final = "the user pool would get another id, and its users would be lost"


#: For the user pool, whose id AWS chooses: what makes AWS choose another.
IMMUTABLE: Final = (
    *rows(_VPC, "vpc-cidr", _NETWORK, "cidrBlock"),
    *rows(_SUBNET, "subnet-cidr", _NETWORK, "cidrBlock", "availabilityZone"),
    *rows(_TABLE, "table-key", _TABLE_LOSS, "hashKey", "rangeKey"),
    *rows(_TABLE, "table-name", _TABLE_LOSS, "name"),
    *rows(_BUCKET, "bucket-name", _BUCKET_LOSS, "bucket"),
    *rows(_POOL, "user-pool", _POOL_LOSS, "usernameAttributes", "aliasAttributes", "usernameConfiguration"),
)

#: What must stay declared at all; leaving one out would delete it.
LASTING: Final = (
    *rows(_VPC, "vpc", "it would be deleted with all in it"),
    *rows(_SUBNET, "subnet", "it would be deleted with all in it"),
    *rows(_TABLE, "table", "it would be deleted with its items"),
    *rows(_BUCKET, "bucket", "it would be deleted with its objects"),
    *rows(_POOL, "user-pool", "it would be deleted with its users"),
)

"""The rows of the table, one module a service, each with `ROWS: tuple[Row, ...]` (and `INVOKES`, where it
looks up).

Must never hold machinery: a row is data and small functions for what is irregular in a service.

How a row is written
--------------------
A row lists its *properties* (`Prop`, helpers in `provider.props`) and its *calls* (`provider.calls`). Names
that differ only in case (`cidrBlock` and `CidrBlock`) need no word; numbers and truth values become text, and
back, wherever botocore's model says so; nested objects follow the model by themselves unless `fields` are
given.

Worked example: a type whose id AWS makes (`ec2.Vpc` would look like this)::

    Row(
        "aws:ec2/vpc:Vpc",
        "ec2",
        (
            Prop("cidrBlock", replace=True, computed=True),
            Prop("enableDnsHostnames", bool, default=False),
            *tags(to=tag_specifications("vpc")),
            out("arn", value="arn:aws:ec2:{region}:{account}:vpc/{id}"),
        ),
        create=Create("CreateVpc", id="Vpc.VpcId"),
        steps=(
            change({"enableDnsHostnames"}, "ModifyVpcAttribute", {"VpcId": "{id}"}, build=...),
            retag("CreateTags", "DeleteTags", {"Resources": ["{id}"]}, ...),
        ),
        read=(Read("DescribeVpcs", {"VpcIds": ["{id}"]}, at="Vpcs[0]"),),
        delete=Delete("DeleteVpc", {"VpcId": "{id}"}),
        id="",
    )

- `create` sends every input that has a place in the request, and nothing else. What it has no place for is
  brought about by a *step* that names it; the same steps run in an update when their properties change. An
  input must be `replace=True`, `local=True`, or named by a step: a test holds every row to that.
- `{name}`, `{id}`, `{region}`, `{account}` in `by` are filled from the properties. A Row with
  `id="{role}:{name}"` both makes the id and takes an import's id apart; where AWS makes the id, leave it
  empty and give `Create.id`.
- `read` is a tuple: the first reader says whether the resource exists (None: gone), later ones add to it. A
  reader is a `Read`, or any function from a `Work` to properties or None. Keep it to one call where the API
  allows.
- The state is what was read, in the program's spelling where both say the same (`compare.same`). If a second
  `up` shows a difference, the property needs `back`, `same`, `document(...)`, `ordered` or `computed`. If a
  property cannot be read back, it is `write_only`; if AWS chooses it when the program is silent, `computed`.
- For what is irregular write a small function `(work: Work) -> Any` and put it where a call would stand:
  `work.call("DescribeX", ...)`, `work.inputs`, `work.state`, `work.changed`, `work.params("UpdateX", names)`,
  `work.wait("db_instance_available", ...)`.
- Each type also gets a case in `tests/integration/provider_cases/<service>.py`, which is what proves it.
"""

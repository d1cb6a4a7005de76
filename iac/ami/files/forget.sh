#!/bin/bash
# Takes off the image what belongs to the one instance that built it; each launch gets its own.
set -euo pipefail

dnf clean all
cloud-init clean --logs --seed
rm --force /etc/ssh/ssh_host_* /root/.bash_history /home/ec2-user/.bash_history
rm --recursive --force /root/.docker /root/.ssh /home/ec2-user/.ssh

# The consolidated instance's image: Amazon Linux 2023 with Docker and Compose already in it, so that a launch
# neither installs nor downloads anything but the services' own images. Holds no account, no environment and no secret.
#
#   packer init iac/ami
#   packer build iac/ami
#
# An environment takes it by `layers.compute.config.consolidatedImageParameter: /tradai/ami/consolidated`.

packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = "~> 1.3"
    }
  }
}

variable "region" {
  description = "Where the image is built and used (docs/CANONICAL-CONFIG.md §1.1)."
  type        = string
  default     = "eu-central-1"
}

variable "instance_type" {
  description = "What builds it, of the same architecture as what runs it (docs/CANONICAL-CONFIG.md §10)."
  type        = string
  default     = "t3.small"
}

variable "volume_gb" {
  description = "Size of the root volume; the launch template's 30 GB must not be less."
  type        = number
  default     = 10
}

variable "parameter" {
  description = "SSM parameter that names the newest image."
  type        = string
  default     = "/tradai/ami/consolidated"
}

data "amazon-parameterstore" "base" {
  region = var.region
  name   = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

locals {
  tags = {
    Application = "tradai"
    ManagedBy   = "packer"
    CostCenter  = "trading-platform"
    Owner       = "platform-team"
  }
}

source "amazon-ebs" "consolidated" {
  region        = var.region
  source_ami    = data.amazon-parameterstore.base.value
  instance_type = var.instance_type
  ssh_username  = "ec2-user"
  ami_name      = "tradai-consolidated-${formatdate("YYYYMMDD-hhmmss", timestamp())}"
  imds_support  = "v2.0"
  encrypt_boot  = true

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }

  launch_block_device_mappings {
    device_name           = "/dev/xvda"
    volume_type           = "gp3"
    volume_size           = var.volume_gb
    delete_on_termination = true
  }

  tags            = local.tags
  snapshot_tags   = local.tags
  run_tags        = local.tags
  run_volume_tags = local.tags
}

build {
  sources = ["source.amazon-ebs.consolidated"]

  # The same script that begins the user data, so that both mean the same by "prepared".
  provisioner "shell" {
    script          = "${path.root}/../tradai_blueprints/tradai/layers/compute/templates/prepare_host.sh"
    execute_command = "sudo {{ .Vars }} bash {{ .Path }}"
  }

  provisioner "shell" {
    scripts = [
      "${path.root}/files/check.sh",
      "${path.root}/files/forget.sh",
    ]
    execute_command = "sudo {{ .Vars }} bash {{ .Path }}"
  }

  post-processors {
    post-processor "manifest" {
      output = "${path.root}/manifest.json"
    }

    post-processor "shell-local" {
      command = "bash ${path.root}/files/publish.sh ${path.root}/manifest.json ${var.region} ${var.parameter}"
    }
  }
}

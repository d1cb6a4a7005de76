// Command etcd is the upstream etcd server, built from its own module.
// It exists because etcd publishes no installable main package under its module version.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }

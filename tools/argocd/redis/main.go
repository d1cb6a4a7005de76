// Command redis is the small Redis in memory that ArgoCD's own tests use, as a server of its own.
// ArgoCD needs one for its caches; tests take this one, so that no server has to be installed for them.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// version is set by the linker.
var version = "unknown"

func main() {
	address := flag.String("listen", "127.0.0.1:6379", "where it listens")
	tell := flag.Bool("version", false, "tell the version and end")
	flag.Parse()
	if *tell {
		fmt.Println(version)
		return
	}
	if err := serve(*address); err != nil {
		log.Println(err)
		os.Exit(1)
	}
}

// serve never returns once the server listens: its clock stands still unless it is moved.
func serve(address string) error {
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr(address); err != nil {
		return err
	}
	for range time.Tick(time.Second) {
		server.FastForward(time.Second)
	}
	return nil
}

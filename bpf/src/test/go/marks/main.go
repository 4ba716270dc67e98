// Enters every function that marks a start, apart from net/http's, and ends. Small: it is built by many compilers.
package main

import (
	"os"
	"time"

	"google.golang.org/grpc"
)

func main() {
	if len(os.Args) > 1 { // to be looked at while it runs
		time.Sleep(time.Minute)
	}
	new(grpc.Server).Serve("nowhere")
}

// Enters every function that marks a start, apart from net/http's, and ends. Small: it is built by many compilers.
package main

import (
	"os"

	"google.golang.org/grpc"
)

func main() {
	if len(os.Args) > 1 {
		os.Exit(1)
	}
	new(grpc.Server).Serve("nowhere")
}

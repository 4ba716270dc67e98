// Serves nobody, twice: by net/http and by gRPC, on listeners that are closed already. Other compilers than
// the one at hand have a go*.mod each, made by: GOTOOLCHAIN=go1.21.13 go mod tidy -modfile=go1.21.mod
package main

import (
	"net"
	"net/http"

	"google.golang.org/grpc"
)

func main() {
	for i := 0; i < 2; i++ {
		closed, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		closed.Close()
		http.Serve(closed, nil)
		grpc.NewServer().Serve(closed)
	}
}

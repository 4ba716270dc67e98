// Serves nobody, twice: by net/http and by gRPC, on listeners that are closed already.
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

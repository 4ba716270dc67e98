// grpcgo serves gRPC's health service by grpc-go with its default enforcement against PINGs. A line on standard input
// changes what it says: SERVING, NOT_SERVING.
package main

import (
	"bufio"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
)

func main() {
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	status := health.NewServer()
	grpc_health_v1.RegisterHealthServer(server, status)
	go func() {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			value := grpc_health_v1.HealthCheckResponse_ServingStatus_value[lines.Text()]
			status.SetServingStatus("", grpc_health_v1.HealthCheckResponse_ServingStatus(value))
		}
	}()
	log.Fatal(server.Serve(listener))
}

// grpcgo serves gRPC's health service by grpc-go with its default enforcement against PINGs: plain, over TLS by
// server.pem and server.key of the working directory, or over TLS to clients whose certificate server.pem has signed (mtls).
// A line on standard input changes what it says: SERVING, NOT_SERVING.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
)

func main() {
	listener, err := net.Listen("tcp", os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(security(os.Args[1])...)
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

func security(mode string) []grpc.ServerOption {
	if mode == "plain" {
		return nil
	}
	own, err := tls.LoadX509KeyPair("server.pem", "server.key")
	if err != nil {
		log.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{own}}
	if mode == "mtls" {
		authority, err := os.ReadFile("server.pem")
		if err != nil {
			log.Fatal(err)
		}
		config.ClientCAs = x509.NewCertPool()
		config.ClientCAs.AppendCertsFromPEM(authority)
		config.ClientAuth = tls.RequireAndVerifyClientCert
	} else if mode != "tls" {
		log.Fatalf("%q (accepted: plain, tls, mtls)", mode)
	}
	return []grpc.ServerOption{grpc.Creds(credentials.NewTLS(config))}
}

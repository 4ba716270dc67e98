package main

import (
	"context"
	"crypto/tls"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// One port serves pages and calls; the inventory behind it is away.
func serve(t *testing.T) (*httptest.Server, *grpc.ClientConn, context.Context) {
	server := httptest.NewUnstartedServer(routes(newShop("127.0.0.1:1", "none")))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	connection, err := grpc.Dial(server.Listener.Addr().String(),
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return server, connection, ctx
}

func TestHealthIsServedByPageAndByCall(t *testing.T) {
	server, connection, ctx := serve(t)

	page, err := server.Client().Get(server.URL + "/healthz")
	if err != nil || page.StatusCode != 200 {
		t.Fatalf("page: %v %v", page, err)
	}
	page.Body.Close()
	call, err := grpc_health_v1.NewHealthClient(connection).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil || call.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Fatalf("call: %v %v", call, err)
	}
}

func TestACallThatCannotBeServedSaysWhy(t *testing.T) {
	_, connection, ctx := serve(t)

	err := connection.Invoke(ctx, "/thaw.demo.Orders/Place", wrapperspb.UInt32(7), new(wrapperspb.BytesValue))

	if status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), "connection refused") {
		t.Fatalf("got %v", err)
	}
}
